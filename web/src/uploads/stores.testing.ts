import type { Network } from './network';
import type { Announcement, Missing, Piece, UploadTransport } from './transport';
import { INTERRUPTED, UploadError } from './upload_error';

/** For tests: an API and object store in memory that take parts of a few bytes. */
export class MemoryTransport implements UploadTransport {
  /** By track: what was said of it, which parts have arrived, whether it is complete. */
  readonly tracks = new Map<
    string,
    { readonly said: Announcement; readonly parts: Map<number, string>; complete: boolean }
  >();
  /** The numbers of all pieces that were sent, in the order in which they began. */
  readonly sent: number[] = [];
  /** How many pieces were under way at once, at most. */
  busiest = 0;
  /** Called before each call or piece, by its name: what it throws is the answer, what it waits for is waited for. */
  before: (what: string, signal?: AbortSignal) => Promise<void> | void = () => {};
  private busy = 0;

  constructor(private readonly partBytes = 4) {}

  async announce(said: Announcement, signal: AbortSignal): Promise<Missing> {
    await this.before('announce', signal);
    const known = [...this.tracks].find(([, track]) => track.said.key === said.key)?.[0];
    const trackId = known ?? `track-${this.tracks.size + 1}`;
    if (!known) this.tracks.set(trackId, { said, parts: new Map(), complete: false });
    return this.missingOf(trackId);
  }

  async missing(trackId: string, _sizeBytes: number, signal: AbortSignal): Promise<Missing> {
    await this.before('missing', signal);
    return this.missingOf(trackId);
  }

  async send({ number, url }: Piece, bytes: Blob, onSent: (bytes: number) => void, signal: AbortSignal): Promise<void> {
    this.sent.push(number);
    this.busiest = Math.max(this.busiest, ++this.busy);
    try {
      await this.before(`send ${number}`, signal);
      signal.throwIfAborted();
      onSent(bytes.size);
      this.track(url).parts.set(number, await bytes.text());
    } finally {
      this.busy--;
    }
  }

  async complete(trackId: string, signal: AbortSignal): Promise<void> {
    await this.before('complete', signal);
    this.track(trackId).complete = true;
  }

  async remove(trackId: string): Promise<void> {
    await this.before('remove');
    this.tracks.delete(trackId);
  }

  /** What of a track's file is there. */
  content(trackId: string): string {
    const parts = [...this.track(trackId).parts].sort(([a], [b]) => a - b);
    return parts.map(([, text]) => text).join('');
  }

  private track(trackId: string) {
    const track = this.tracks.get(trackId);
    if (!track)
      throw new UploadError({
        reason: 'TRACK_NOT_FOUND',
        message: 'There is no such track.',
        retryable: false,
        metadata: {},
      });
    return track;
  }

  private missingOf(trackId: string): Missing {
    const { said, parts } = this.track(trackId);
    const count = Math.ceil(said.sizeBytes / this.partBytes);
    const numbers = Array.from({ length: count }, (_, at) => at + 1).filter((number) => !parts.has(number));
    const pieces = numbers.map((number) => {
      const start = (number - 1) * this.partBytes;
      return { number, start, sizeBytes: Math.min(this.partBytes, said.sizeBytes - start), url: trackId };
    });
    return { trackId, pieces };
  }
}

/** For tests: every moment is good, and it is counted how often one was waited for. */
export class PatientNetwork implements Network {
  waits = 0;

  async betterMoment(_tried: number, signal: AbortSignal): Promise<void> {
    this.waits++;
    signal.throwIfAborted();
  }
}

export const lost = () => new UploadError(INTERRUPTED);

/** The text itself, as if it were its hash. */
export const textHash = async (file: Blob, onRead: (bytes: number) => void): Promise<string> => {
  const text = await file.text();
  onRead(file.size);
  return `hash of ${text}`;
};
