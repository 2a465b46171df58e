import { type Level, LevelTap } from './meter';
import { factorOf, type PlayerVoice } from './settings';

/** How fast a setting follows a hand, seconds: fast to the ear, too slow to click. */
const GLIDE = 0.012;
const GONE_AFTER_MS = 150;

/** What a voice goes through: fader, pan, and a meter behind them. */
export class Strip {
  /** Where its sound comes in. */
  readonly input: GainNode;
  readonly #context: BaseAudioContext;
  readonly #panner: StereoPannerNode;
  readonly #tap: LevelTap;

  constructor(context: BaseAudioContext, bus: AudioNode, voice: PlayerVoice, audible: boolean) {
    this.#context = context;
    this.input = new GainNode(context, { gain: audible ? factorOf(voice.gainDb) : 0 });
    this.#panner = new StereoPannerNode(context, { pan: voice.pan });
    this.input.connect(this.#panner).connect(bus);
    this.#tap = new LevelTap(context, this.#panner, 2);
  }

  /** Changes its settings without a click. */
  set(voice: PlayerVoice, audible: boolean): void {
    glide(this.input.gain, audible ? factorOf(voice.gainDb) : 0, this.#context);
    glide(this.#panner.pan, voice.pan, this.#context);
  }

  level(): Level {
    return this.#tap.read();
  }

  /** Falls silent, and is gone a moment later. */
  close(): void {
    glide(this.input.gain, 0, this.#context);
    setTimeout(() => {
      this.input.disconnect();
      this.#panner.disconnect();
    }, GONE_AFTER_MS);
  }
}

/** Brings a parameter to a value without a click. */
export function glide(parameter: AudioParam, value: number, context: BaseAudioContext): void {
  const now = context.currentTime;
  parameter.cancelScheduledValues(now);
  parameter.setTargetAtTime(value, now, GLIDE);
}
