const MEMORY_MS = 8_000;
const FEWEST_MS = 1_500;

/** Tells from the last seconds of something how long the rest will take. */
export class Pace {
  private samples: { readonly at: number; readonly bytes: number }[] = [];

  /** Seconds until `whole` is reached; undefined while too little was seen to say so. `now` is in milliseconds. */
  secondsLeft(bytes: number, whole: number, now: number): number | undefined {
    const last = this.samples.at(-1);
    if (last && bytes < last.bytes) this.samples = []; // a piece is being sent again
    this.samples.push({ at: now, bytes });
    while (this.samples[0] && now - this.samples[0].at > MEMORY_MS) this.samples.shift();
    const first = this.samples[0];
    if (!first || now - first.at < FEWEST_MS || bytes <= first.bytes) return undefined;
    return ((whole - bytes) * (now - first.at)) / (bytes - first.bytes) / 1000;
  }
}
