import type { Failure } from '@/api/failures';
import type { Hash } from './hashing';
import type { Network } from './network';
import { sendMissing } from './sending';
import type { Missing, UploadTransport } from './transport';
import { OTHER_BYTES, UNREADABLE, UploadError, uploadFailureOf } from './upload_error';

/** Whom an upload works with. */
export interface UploadWorld {
  readonly transport: UploadTransport;
  readonly hash: Hash;
  readonly network: Network;
}

/** What is to be uploaded; what is known from an earlier try is taken up. */
export interface UploadTask {
  readonly key: string;
  readonly file: File;
  readonly name: string;
  readonly sha256?: string;
  /** Whether the file was chosen anew, so that it may be another one than was begun. */
  readonly fresh: boolean;
  readonly trackId?: string;
}

/** Hears how an upload gets on. */
export interface UploadReports {
  reading(bytes: number): void;
  hashed(sha256: string): void;
  announced(trackId: string): void;
  /** Bytes of the whole that have arrived or are on their way. */
  there(bytes: number): void;
  /** It stands still because of this, and goes on by itself. */
  waiting(failure: Failure): void;
  completing(): void;
}

// Without a connection an upload waits for as long as it takes; what fails on the other side is given up after so many
// tries that brought nothing.
const FRUITLESS_TRIES = 6;
// The bytes are there, or not quite: asking again what is missing mends these.
const MENDED_BY_ASKING = new Set(['UPLOAD_INCOMPLETE', 'SIZE_MISMATCH', 'RATE_LIMITED']);
const ENDLESS = new Set(['OFFLINE', 'TOO_MANY_JOBS']);

/** Brings a file to the API, whatever the network does meanwhile. Throws what another try would not mend. */
export async function runUpload(
  task: UploadTask,
  world: UploadWorld,
  reports: UploadReports,
  signal: AbortSignal,
): Promise<void> {
  const sha256 = await hashOf(task, world.hash, reports, signal);
  let { trackId } = task;
  let tried = 0;
  let furthest = 0;
  const there = (bytes: number) => {
    if (bytes > furthest) tried = 0;
    furthest = Math.max(furthest, bytes);
    reports.there(bytes);
  };
  for (;;) {
    try {
      const missing = await missingOf(task, sha256, trackId, world.transport, signal);
      trackId = missing.trackId;
      reports.announced(trackId);
      await sendMissing(task.file, missing, world.transport, there, signal);
      reports.completing();
      await world.transport.complete(trackId, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      const failure = await explained(error, task.file);
      if (!mayPass(failure, tried)) throw new UploadError(failure);
      reports.waiting(failure);
      await world.network.betterMoment(tried++, signal);
    }
  }
}

async function hashOf(task: UploadTask, hash: Hash, reports: UploadReports, signal: AbortSignal): Promise<string> {
  if (task.sha256 && !task.fresh) return task.sha256;
  if (task.trackId && !task.sha256) return ''; // announced elsewhere: the API knows the hash and compares
  const sha256 = await hash(task.file, (bytes) => reports.reading(bytes), signal);
  if (task.sha256 && task.sha256 !== sha256) throw new UploadError(OTHER_BYTES);
  reports.hashed(sha256);
  return sha256;
}

function missingOf(
  { key, file, name }: UploadTask,
  sha256: string,
  trackId: string | undefined,
  transport: UploadTransport,
  signal: AbortSignal,
): Promise<Missing> {
  if (trackId) return transport.missing(trackId, file.size, signal);
  return transport.announce({ key, name, sizeBytes: file.size, mimeType: file.type, sha256 }, signal);
}

function mayPass({ reason, retryable }: Failure, tried: number): boolean {
  if (ENDLESS.has(reason)) return true;
  return (retryable || MENDED_BY_ASKING.has(reason)) && tried < FRUITLESS_TRIES;
}

/** Browsers call it a broken connection, too, when the file itself went away. */
async function explained(error: unknown, file: File): Promise<Failure> {
  const failure = uploadFailureOf(error);
  if (failure.reason !== 'OFFLINE') return failure;
  try {
    await file.slice(0, 1).arrayBuffer();
    return failure;
  } catch {
    return UNREADABLE;
  }
}
