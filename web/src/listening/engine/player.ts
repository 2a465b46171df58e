import { Announcer } from './announcer';
import type { Level } from './meter';
import { type Happening, Performance } from './performance';
import { type Loop, type PlayerState, SHORTEST_LOOP, SLOWEST, STOPPED } from './player_state';
import { audibleKeys, type PlayerVoice } from './settings';
import type { StemSource } from './source';

const NO_SPEED = 'This browser can’t play slower at the same pitch, so the speed stays at 100 %.';
const NO_SOUND = 'This browser does not let the page play sound. Check that it is allowed to, then press play again.';

/**
 * Plays voices together, locked to the sample. Voices can be changed, added and removed while it plays; sound that is not
 * there yet is waited for, by all.
 */
export class Player {
  readonly #changes = new Announcer();
  #state: PlayerState = STOPPED;
  #voices: readonly PlayerVoice[] = [];
  #unsubscribe: (() => void)[] = [];
  #context: AudioContext | undefined;
  #performance: Performance | undefined;
  // Where it goes on, seconds, while nothing is heard.
  #rest = 0;

  get state(): PlayerState {
    return this.#state;
  }

  /** Calls back whenever `state` changes, and when it is moved; returns how to stop that. */
  subscribe(listener: () => void): () => void {
    return this.#changes.subscribe(listener);
  }

  /** What is to be heard. Voices are recognised by their keys. */
  setVoices(voices: readonly PlayerVoice[]): void {
    const before = this.#voices;
    this.#voices = voices;
    this.#performance?.setVoices(voices);
    if (!same(sourcesOf(before), sourcesOf(voices))) this.#follow();
    // What it waits for may no longer be wanted.
    if (this.#waits && !same(heardSources(before), heardSources(voices))) this.#beginAt(this.position());
  }

  /** Starts, or goes on where it paused; from the beginning if it was at the end. */
  async play(): Promise<void> {
    if (this.#state.phase !== 'paused' || this.#state.duration === 0) return;
    if (this.#rest >= this.#state.duration - 0.01) this.#rest = 0;
    this.#become({ phase: 'waiting', problem: undefined });
    try {
      await this.#wake().resume();
    } catch {
      this.#become({ phase: 'paused', problem: NO_SOUND });
      return;
    }
    if (this.#waits) this.#beginAt(this.#rest);
  }

  pause(): void {
    if (this.#state.phase === 'paused') return;
    this.#rest = this.position();
    this.#performance?.silence();
    this.#become({ phase: 'paused' });
  }

  toggle(): void {
    if (this.#state.phase === 'paused') void this.play();
    else this.pause();
  }

  /** Goes to a place, seconds. */
  seek(seconds: number): void {
    this.#rest = Math.min(Math.max(0, seconds), this.#state.duration);
    if (this.#state.phase === 'paused') this.#changes.announce();
    else this.#beginAt(this.#rest);
  }

  /** Plays this part again and again, sample for sample without a break; null for none. */
  setLoop(loop: Loop | null): void {
    const kept = loop && { start: Math.max(0, loop.start), end: Math.max(loop.end, loop.start + SHORTEST_LOOP) };
    this.#become({ loop: kept });
    const at = this.position();
    if (kept && (at < kept.start || at >= kept.end)) this.seek(kept.start);
    else this.#adapt();
  }

  /** 0.5 to 1, at constant pitch. */
  setSpeed(speed: number): void {
    const kept = Math.min(1, Math.max(SLOWEST, speed));
    if (kept === this.#state.speed) return;
    this.#become({ speed: kept });
    this.#adapt();
  }

  /** Decibels. */
  setVolume(volumeDb: number): void {
    this.#performance?.desk.setVolume(volumeDb);
    this.#become({ volumeDb });
  }

  /** What is heard now, seconds of the song. */
  position(): number {
    return this.#performance?.position() ?? this.#rest;
  }

  /** The level of a voice, or of the whole. */
  level(key?: string): Level {
    return this.#performance?.desk.level(key) ?? { rms: 0, peak: 0 };
  }

  /** Falls silent and lets go of everything but the sources. */
  close(): void {
    this.pause();
    for (const stop of this.#unsubscribe) stop();
    this.#unsubscribe = [];
    this.#voices = [];
    void this.#context?.close();
    this.#context = undefined;
    this.#performance = undefined;
  }

  // It may have been paused while something else was waited for.
  get #waits(): boolean {
    return this.#state.phase === 'waiting';
  }

  #wake(): AudioContext {
    if (!this.#context) {
      this.#context = new AudioContext({ latencyHint: 'playback', sampleRate: commonRate(this.#voices) });
      this.#performance = new Performance(
        this.#context,
        () => this.#state,
        (happening) => this.#hear(happening),
      );
      this.#performance.desk.setVolume(this.#state.volumeDb);
      this.#performance.setVoices(this.#voices);
    }
    return this.#context;
  }

  #beginAt(seconds: number): void {
    this.#rest = seconds;
    this.#become({ phase: 'waiting' });
    void this.#performance?.begin(seconds);
  }

  /** Plays on with the settings as they are now. */
  #adapt(): void {
    if (this.#state.phase === 'playing') void this.#performance?.handOver();
    else if (this.#waits) this.#beginAt(this.position());
  }

  #hear(happening: Happening): void {
    if (happening === 'no speed') this.#become({ speed: 1, problem: NO_SPEED });
    else if (happening !== 'ended') this.#become({ phase: happening });
    else {
      this.#rest = this.#state.duration;
      this.#become({ phase: 'paused' });
    }
  }

  #follow(): void {
    for (const stop of this.#unsubscribe) stop();
    this.#unsubscribe = [...sourcesOf(this.#voices)].map((source) => source.subscribe(() => this.#measure()));
    this.#measure();
  }

  #measure(): void {
    const lengths = this.#voices.map(({ source }) => source.frames / source.sampleRate);
    const there = this.#voices.map(({ source }) =>
      source.playableFrames >= source.frames ? Number.POSITIVE_INFINITY : source.playableFrames / source.sampleRate,
    );
    const duration = Math.max(0, ...lengths);
    this.#become({ duration, playable: Math.min(duration, ...there) });
  }

  #become(patch: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...patch };
    this.#changes.announce();
  }
}

function sourcesOf(voices: readonly PlayerVoice[]): ReadonlySet<StemSource> {
  return new Set(voices.map((voice) => voice.source));
}

function heardSources(voices: readonly PlayerVoice[]): ReadonlySet<StemSource> {
  const audible = audibleKeys(voices);
  return sourcesOf(voices.filter((voice) => audible.has(voice.key)));
}

function same(a: ReadonlySet<StemSource>, b: ReadonlySet<StemSource>): boolean {
  return a.size === b.size && [...a].every((source) => b.has(source));
}

/** The rate that most voices have, so that as few as possible are resampled. */
function commonRate(voices: readonly PlayerVoice[]): number {
  const counts = new Map<number, number>();
  for (const { source } of voices) counts.set(source.sampleRate, (counts.get(source.sampleRate) ?? 0) + 1);
  const [rate] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [44_100];
  return rate;
}
