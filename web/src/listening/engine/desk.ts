import { type Level, LevelTap } from './meter';
import type { Cast } from './run';
import { audibleKeys, factorOf, type PlayerVoice } from './settings';
import { SpeedCorrection } from './speed_correction';
import { glide, Strip } from './strip';

/** How fast everything falls silent, seconds; a hundred times as much later nothing is left of it. */
const HUSH = 0.003;
export const HUSHED_AFTER = 0.03;

/** The graph that all voices go through: strips, their sum, speed correction, gate, volume, meter. */
export class Desk implements Cast {
  readonly #context: BaseAudioContext;
  readonly #strips = new Map<string, Strip>();
  readonly #correction: SpeedCorrection;
  readonly #gate: GainNode;
  readonly #volume: GainNode;
  readonly #tap: LevelTap;
  #voices: readonly PlayerVoice[] = [];

  constructor(context: BaseAudioContext, volumeDb = 0) {
    this.#context = context;
    this.#correction = new SpeedCorrection(context);
    this.#gate = new GainNode(context);
    this.#volume = new GainNode(context, { gain: factorOf(volumeDb) });
    this.#correction.output.connect(this.#gate).connect(this.#volume).connect(context.destination);
    this.#tap = new LevelTap(context, this.#volume, 2);
  }

  get voices(): readonly PlayerVoice[] {
    return this.#voices;
  }

  /** How much later sound is heard than it was started, seconds, because of the speed correction. */
  get latency(): number {
    return this.#correction.latency;
  }

  input(key: string): AudioNode | undefined {
    return this.#strips.get(key)?.input;
  }

  /** Brings the strips in line with the voices; returns those that are new and the keys of those that are gone. */
  setVoices(voices: readonly PlayerVoice[]): { joined: PlayerVoice[]; left: string[] } {
    const audible = audibleKeys(voices);
    const left = [...this.#strips.keys()].filter((key) => !voices.some((voice) => voice.key === key));
    for (const key of left) {
      this.#strips.get(key)?.close();
      this.#strips.delete(key);
    }
    const joined = voices.filter((voice) => !this.#strips.has(voice.key));
    for (const voice of voices) {
      const heard = audible.has(voice.key);
      const strip = this.#strips.get(voice.key);
      if (strip) strip.set(voice, heard);
      else this.#strips.set(voice.key, new Strip(this.#context, this.#correction.input, voice, heard));
    }
    this.#voices = voices;
    return { joined, left };
  }

  setVolume(decibels: number): void {
    glide(this.#volume.gain, factorOf(decibels), this.#context);
  }

  /** Loads what this speed needs. */
  prepare(speed: number): Promise<void> {
    return this.#correction.prepare(speed);
  }

  /** From `at` on, seconds of the clock, voices come in at this speed. */
  expect(speed: number, at: number): Promise<void> {
    return this.#correction.change(speed, at);
  }

  /** Silences everything at once, without a click. */
  hush(): void {
    const now = this.#context.currentTime;
    this.#gate.gain.cancelScheduledValues(now);
    this.#gate.gain.setTargetAtTime(0, now, HUSH);
  }

  /** Lets everything be heard again from `at` on. */
  open(at: number): void {
    this.#gate.gain.setTargetAtTime(1, at, HUSH / 5);
  }

  /** The level of a voice, or of the whole. */
  level(key?: string): Level {
    const strip = key === undefined ? undefined : this.#strips.get(key);
    if (key !== undefined) return strip?.level() ?? { rms: 0, peak: 0 };
    return this.#tap.read();
  }
}
