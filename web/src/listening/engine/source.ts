/** What a stem is, known before any of its sound is there. */
export interface StemShape {
  /** Samples per channel. */
  readonly frames: number;
  /** Hertz. */
  readonly sampleRate: number;
  /** 1 or 2. */
  readonly channels: number;
}

/** How far a source's sound is there. */
export type SourceState =
  | { readonly kind: 'loading' /** 0 to 1. */; readonly share: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed' /** For people: what happened and what to do. */; readonly message: string };

/** A stem as samples at positions. */
export interface StemSource extends StemShape {
  /** How much of it can be read at once, in frames from the beginning; grows. */
  readonly playableFrames: number;
  readonly state: SourceState;
  /**
   * The samples from `firstFrame` on, as a buffer of exactly `frames` at the stem's own rate. Waits until they are there;
   * rejects when they will never be (the source failed or was closed). Frames beyond the stem's end are silence.
   */
  read(firstFrame: number, frames: number): Promise<AudioBuffer>;
  /** Calls back whenever `playableFrames` or `state` changes; returns how to stop that. */
  subscribe(listener: () => void): () => void;
  /** Fetches on where it failed. */
  retry(): void;
  /** Lets go of the sound. */
  close(): void;
}

/** A source was closed while somebody was reading it. */
export class SourceClosed extends Error {
  constructor() {
    super('This sound is no longer open.');
  }
}
