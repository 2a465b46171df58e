/** A part that is played again and again, in frames: `start` is heard, `end` is the first that is not. */
export interface FrameLoop {
  readonly start: number;
  readonly end: number;
}

/** What is played, in frames of the song at the clock's rate. */
export interface CoursePlan {
  readonly from: number;
  /** The song's length. */
  readonly end: number;
  readonly loop: FrameLoop | null;
  /** 0.5 to 1: song frames per frame of the clock. */
  readonly speed: number;
  /** Parts are cut at multiples of this, so that they fall on decoded pieces. */
  readonly grid: number;
}

/** A part of the song that is played in one go. */
export interface Part {
  /** Where it lies in the song. */
  readonly position: number;
  readonly frames: number;
  /** When it sounds, in song frames after the beginning of the course. */
  readonly after: number;
}

/**
 * The way through a song from one place on: straight to the end, or into a loop and round it for ever. Everything is
 * counted from the beginning of the course in whole song frames, so that nothing adds up to a drift.
 */
export class Course {
  readonly plan: CoursePlan;
  #position: number;
  #after = 0;

  constructor(plan: CoursePlan) {
    this.plan = plan;
    this.#position = Math.min(plan.from, plan.end);
  }

  /** The next part, or undefined at the song's end. */
  next(): Part | undefined {
    const { end, loop, grid } = this.plan;
    const within = loop && this.#position < loop.end ? loop : null;
    const stop = within ? Math.min(within.end, end) : end;
    if (this.#position >= stop) return undefined;
    const cut = (Math.floor(this.#position / grid) + 1) * grid;
    const frames = Math.min(cut, stop) - this.#position;
    const part = { position: this.#position, frames, after: this.#after };
    this.#after += frames;
    this.#position += frames;
    if (within && this.#position >= stop) this.#position = within.start;
    return part;
  }

  /** Where in the song one is after so many song frames of playing. */
  positionAfter(frames: number): number {
    const { from, end, loop } = this.plan;
    const straight = Math.max(0, frames) + from;
    if (!loop || from >= loop.end) return Math.min(straight, end);
    const stop = Math.min(loop.end, end);
    if (straight < stop) return straight;
    const beyond = straight - stop;
    const length = stop - loop.start;
    return loop.start + (length > 0 ? beyond % length : 0);
  }
}
