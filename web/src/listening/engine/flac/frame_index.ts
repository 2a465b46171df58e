import type { FramePlace } from './frame_scanner';

/** A run of whole frames. */
export interface FrameRun {
  /** Its first sample, and how many there are. */
  readonly first: number;
  readonly frames: number;
  /** Its bytes: from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
}

/** Where the frames of a file lie, as far as they are known. */
export class FrameIndex {
  readonly #places: FramePlace[] = [];
  #samples = 0;
  #bytes = 0;

  /** The samples of all frames that are known. */
  get frames(): number {
    return this.#samples;
  }

  /** Frames that follow on those that are known; they end at sample `samples` and byte `bytes`. */
  add(places: readonly FramePlace[], samples: number, bytes: number): void {
    this.#places.push(...places);
    this.#samples = samples;
    this.#bytes = bytes;
  }

  /** The frames that lie in `[first, first + frames)`, the first and the last of them whole. */
  run(first: number, frames: number): FrameRun {
    const from = this.#frameAt(first);
    const until = this.#frameAt(first + frames - 1) + 1;
    const begin = this.#places[from];
    if (!begin || first < 0 || frames < 1 || first + frames > this.#samples) {
      throw new RangeError(`No frames at ${first} to ${first + frames} of ${this.#samples}`);
    }
    const next = this.#places[until];
    const stop = next ? next.first : this.#samples;
    return {
      first: begin.first,
      frames: stop - begin.first,
      start: begin.offset,
      end: next ? next.offset : this.#bytes,
    };
  }

  #frameAt(sample: number): number {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle] as FramePlace).first <= sample) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
