import type { Failure } from '@/api/failures';

/** Where an upload stands. It is gone from the queue once the API has all of it. */
export type Phase =
  /** Its turn has not come. */
  | 'queued'
  /** The file is being read, for its hash. */
  | 'reading'
  | 'sending'
  /** Nothing can be sent right now; it goes on by itself. */
  | 'waiting'
  | 'paused'
  /** All bytes are there; the API is being told. */
  | 'completing'
  | 'failed'
  /** Begun before the page was loaded: to go on, its file must be chosen again. */
  | 'unfinished';

/** A file on its way into the library. */
export interface Upload {
  /** Its own, and what makes announcing it twice harmless. */
  readonly key: string;
  /** The file's name. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly phase: Phase;
  /** Bytes that were read for the hash. */
  readonly read: number;
  /** Bytes that have arrived or are on their way. */
  readonly there: number;
  /** By the pace of the last seconds. */
  readonly secondsLeft: number | undefined;
  /** Why it failed, waits, or needs another file. */
  readonly failure: Failure | undefined;
  /** Once it was announced. */
  readonly trackId: string | undefined;
  /** Once the file was read; hex. */
  readonly sha256: string | undefined;
}

/** What is remembered of an upload over a reload. */
export type KeptUpload = Pick<Upload, 'key' | 'name' | 'sizeBytes' | 'trackId' | 'sha256'>;

/** An upload of which nothing is sent in this page's life. */
export function anUpload(kept: KeptUpload, phase: Phase): Upload {
  return { ...kept, phase, read: 0, there: 0, secondsLeft: undefined, failure: undefined };
}

const MOVING: ReadonlySet<Phase> = new Set<Phase>(['queued', 'reading', 'sending', 'waiting', 'completing']);

/** Whether it gets on without anybody's doing, as long as the page stays open. */
export const isMoving = ({ phase }: Upload): boolean => MOVING.has(phase);
