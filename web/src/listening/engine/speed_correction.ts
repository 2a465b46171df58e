import type { StretchNode } from 'signalsmith-stretch';

/** Fades of what is switched, seconds. */
const FADE = 0.005;

// Above this, Hertz, the library would shift partials instead of scaling them; a song that is played slower needs scaling.
const NO_TONALITY_LIMIT = 0;

/**
 * Undoes the transposition of sound that is played slower: lifts everything by -12 log2(speed) semitones. At full speed it
 * is out of the way.
 */
export class SpeedCorrection {
  readonly input: GainNode;
  readonly output: GainNode;
  readonly #context: BaseAudioContext;
  readonly #direct: GainNode;
  readonly #corrected: GainNode;
  #node: StretchNode | undefined;
  #latency = 0;
  #speed = 1;

  constructor(context: BaseAudioContext) {
    this.#context = context;
    this.input = new GainNode(context);
    this.output = new GainNode(context);
    this.#direct = new GainNode(context);
    this.#corrected = new GainNode(context, { gain: 0 });
    this.input.connect(this.#direct).connect(this.output);
    this.#corrected.connect(this.output);
  }

  /** How much later sound comes out than it goes in, seconds. */
  get latency(): number {
    return this.#speed === 1 ? 0 : this.#latency;
  }

  /** Loads what this speed needs. Rejects if that can't be had. */
  async prepare(speed: number): Promise<void> {
    if (speed === 1 || this.#node) return;
    const { openStretch } = await import('./stretch');
    const node = await openStretch(this.#context);
    this.#latency = await node.latency();
    this.#node = node;
    this.input.connect(node).connect(this.#corrected);
  }

  /** From `at` on, seconds of the clock, sound comes in that is played at this speed. */
  async change(speed: number, at: number): Promise<void> {
    this.#speed = speed;
    const slow = speed !== 1;
    switchTo(this.#direct.gain, slow ? 0 : 1, at);
    // What still is in it belongs to what was played before.
    switchTo(this.#corrected.gain, 0, at);
    if (slow) switchTo(this.#corrected.gain, 1, at + this.#latency);
    await this.#node?.schedule({
      active: slow,
      output: at,
      semitones: slow ? -12 * Math.log2(speed) : 0,
      tonalityHz: NO_TONALITY_LIMIT,
    });
  }
}

function switchTo(parameter: AudioParam, value: number, at: number): void {
  parameter.cancelScheduledValues(at);
  parameter.setTargetAtTime(value, at, FADE / 5);
}
