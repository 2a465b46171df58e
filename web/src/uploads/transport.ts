import { tracks } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { Upload as UploadRequests } from '@/api/gen/puremusic/ingest/v1/ingest_pb';
import { sendBytes } from './send_bytes';
import { OTHER_SIZE, UploadError } from './upload_error';

/** What is said of a file before its bytes are sent. The person has confirmed the right to use the song. */
export interface Announcement {
  /** The same key and file again are the same track. */
  readonly key: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly mimeType: string;
  readonly sha256: string;
}

/** Bytes that have not arrived, and where they go. */
export interface Piece {
  readonly number: number;
  /** The first byte of the file that belongs to it. */
  readonly start: number;
  readonly sizeBytes: number;
  /** Presigned, for an hour. */
  readonly url: string;
  /** Present: the bytes go in a form, after these fields. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** What has yet to be sent of a track; no pieces: nothing. */
export interface Missing {
  readonly trackId: string;
  readonly pieces: readonly Piece[];
}

/** How uploads reach the API and the object store. */
export interface UploadTransport {
  announce(announcement: Announcement, signal: AbortSignal): Promise<Missing>;
  missing(trackId: string, sizeBytes: number, signal: AbortSignal): Promise<Missing>;
  /** Sends a piece and tells how many of its bytes are on their way. */
  send(piece: Piece, bytes: Blob, onSent: (bytes: number) => void, signal: AbortSignal): Promise<void>;
  complete(trackId: string, signal: AbortSignal): Promise<void>;
  remove(trackId: string): Promise<void>;
}

export const apiTransport: UploadTransport = {
  async announce({ key, name, sizeBytes, mimeType, sha256 }, signal) {
    const wish = {
      filename: name,
      sizeBytes: BigInt(sizeBytes),
      mimeType,
      sha256,
      rightsConfirmed: true,
      idempotencyKey: key,
    };
    const { track, upload } = await tracks.createTrack(wish, { signal });
    const trackId = track?.trackId ?? '';
    return { trackId, pieces: upload ? piecesOf(upload, sizeBytes) : [] };
  },

  async missing(trackId, sizeBytes, signal) {
    try {
      return { trackId, pieces: piecesOf(await tracks.getUpload({ trackId }, { signal }), sizeBytes) };
    } catch (error) {
      if (failureOf(error).reason === 'UPLOAD_COMPLETED') return { trackId, pieces: [] };
      throw error;
    }
  },

  send: sendBytes,

  async complete(trackId, signal) {
    await tracks.completeUpload({ trackId }, { signal });
  },

  async remove(trackId) {
    try {
      await tracks.deleteTrack({ trackId });
    } catch (error) {
      if (failureOf(error).reason !== 'TRACK_NOT_FOUND') throw error;
    }
  },
};

/** Which bytes of a file of this size are to be sent where. */
export function piecesOf({ method }: UploadRequests, sizeBytes: number): Piece[] {
  if (method.case === 'post') {
    const { url, fields } = method.value;
    return [{ number: 1, start: 0, sizeBytes, url, fields }];
  }
  if (method.case !== 'parts') return [];
  const { partSize, missing } = method.value;
  return missing.map((part) => {
    const piece = {
      number: part.number,
      start: (part.number - 1) * Number(partSize),
      sizeBytes: Number(part.sizeBytes),
      url: part.url,
    };
    // Addresses are for the file that was announced; bytes beyond this one's end say that it is another.
    if (piece.start < 0 || piece.start + piece.sizeBytes > sizeBytes) throw new UploadError(OTHER_SIZE);
    return piece;
  });
}
