import { Announcer } from './announcer';
import { Readiness } from './readiness';
import type { SegmentSource } from './segment_source';
import type { SourceState, StemShape, StemSource } from './source';

/**
 * A stem that is heard from its early segments until its whole file is there. Both have the same samples at the same
 * positions, so that nobody hears the change.
 */
export class HandoverSource implements StemSource {
  readonly frames: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly #changes = new Announcer();
  readonly #readiness = new Readiness();
  readonly early: SegmentSource;
  #whole: StemSource | undefined;

  readonly #onClose: () => void;

  constructor(shape: StemShape, early: SegmentSource, onClose: () => void = () => {}) {
    ({ frames: this.frames, sampleRate: this.sampleRate, channels: this.channels } = shape);
    this.early = early;
    this.#onClose = onClose;
    early.subscribe(() => this.#look());
    this.#readiness.reached(early.playableFrames);
  }

  /** From now on `whole` is preferred. */
  follow(whole: StemSource): void {
    this.#whole = whole;
    whole.subscribe(() => this.#look());
    this.#look();
  }

  /** Whether its whole file is there, or on its way. */
  get followed(): boolean {
    return this.#whole !== undefined;
  }

  get state(): SourceState {
    return (this.#whole ?? this.early).state;
  }

  get playableFrames(): number {
    return Math.max(this.early.playableFrames, this.#whole?.playableFrames ?? 0);
  }

  async read(firstFrame: number, frames: number): Promise<AudioBuffer> {
    const end = Math.min(firstFrame + frames, this.frames);
    await this.#readiness.until(end);
    const whole = this.#whole;
    if (whole && (whole.playableFrames >= end || this.early.playableFrames < end))
      return whole.read(firstFrame, frames);
    return this.early.read(firstFrame, frames);
  }

  subscribe(listener: () => void): () => void {
    return this.#changes.subscribe(listener);
  }

  retry(): void {
    (this.#whole ?? this.early).retry();
  }

  close(): void {
    this.#readiness.close();
    this.early.close();
    this.#whole?.close();
    this.#onClose();
  }

  #look(): void {
    if (this.#readiness.closed) return;
    if (this.#whole?.state.kind === 'ready') this.early.close();
    this.#readiness.reached(this.playableFrames);
    this.#changes.announce();
  }
}
