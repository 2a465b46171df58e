import { SourceClosed } from './source';

/** Readers that wait until so many frames are there. */
export class Readiness {
  #frames = 0;
  #failure: Error | undefined;
  #closed = false;
  #waiting: { frames: number; go: () => void; stop: (error: Error) => void }[] = [];

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves as soon as `frames` are there; rejects when they will not come. */
  until(frames: number): Promise<void> {
    if (this.#closed) return Promise.reject(new SourceClosed());
    if (frames <= this.#frames) return Promise.resolve();
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((go, stop) => this.#waiting.push({ frames, go, stop }));
  }

  /** So many frames are there. */
  reached(frames: number): void {
    this.#frames = frames;
    const ready = this.#waiting.filter((reader) => reader.frames <= frames);
    this.#waiting = this.#waiting.filter((reader) => reader.frames > frames);
    for (const reader of ready) reader.go();
  }

  /** No more will come, unless it is revived. */
  fail(error: Error): void {
    this.#failure = error;
    this.#reject(error);
  }

  revive(): void {
    this.#failure = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#reject(new SourceClosed());
  }

  #reject(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const reader of waiting) reader.stop(error);
  }
}
