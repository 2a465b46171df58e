import { Announcer } from './announcer';
import { type CoursePlan, type FrameLoop } from './course';
import { Desk, HUSHED_AFTER } from './desk';
import type { Level } from './meter';
import { PIECE_FRAMES } from './pieces';
import { Run, SAFETY } from './run';
import type { PlayerVoice } from './settings';

export type { Level } from './meter';
export type { PlayerVoice } from './settings';

/** A part that is played again and again, in seconds. */
export interface Loop {
  readonly start: number;
  readonly end: number;
}

/** `waiting`: it is to play, and sound has to arrive first. */
export type Phase = 'paused' | 'waiting' | 'playing';

export interface PlayerState {
  readonly phase: Phase;
  /** Seconds: as long as the longest voice. */
  readonly duration: number;
  /** Seconds from the beginning that can be played at once: as far as all voices are there. */
  readonly playable: number;
  readonly loop: Loop | null;
  /** 0.5 to 1. */
  readonly speed: number;
  /** Decibels. */
  readonly volumeDb: number;
  /** For people, if it can't do what it was asked for. */
  readonly problem: string | undefined;
}

export const SLOWEST = 0.5;
/** Seconds. */
export const SHORTEST_LOOP = 0.1;

/** Scheduled ahead of the clock, seconds: more than a page in the background has to wait for its timers. */
const AHEAD = 4;
/** From the moment when everything is there to the first sound, seconds. */
const LEAD = 0.06;
/** How long a change of plan may take to prepare, seconds. */
const HANDOVER = 0.15;
const TICK_MS = 200;
const NO_SPEED = 'This browser can’t play slower at the same pitch, so the speed stays at 100 %.';
const NO_SOUND = 'This browser does not let the page play sound. Check that it is allowed to, then press play again.';

/**
 * Plays voices together, locked to the sample. Voices can be changed, added and removed while it plays; sound that is not
 * there yet is waited for, by all.
 */
export class Player {
  readonly #changes = new Announcer();
  #state: PlayerState = { phase: 'paused', duration: 0, playable: 0, loop: null, speed: 1, volumeDb: 0, problem: undefined };
  #voices: readonly PlayerVoice[] = [];
  #unsubscribe: (() => void)[] = [];
  #context: AudioContext | undefined;
  #desk: Desk | undefined;
  #run: Run | undefined;
  // Sounds until `#run` begins.
  #former: Run | undefined;
  // Grows whenever playing begins anew; what an earlier beginning still waits for is dropped.
  #turn = 0;
  #rest = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #extending = false;

  get state(): PlayerState {
    return this.#state;
  }

  /** Calls back whenever `state` changes; returns how to stop that. */
  subscribe(listener: () => void): () => void {
    return this.#changes.subscribe(listener);
  }

  /** What is to be heard. Voices are recognised by their keys. */
  setVoices(voices: readonly PlayerVoice[]): void {
    const sources = new Set(voices.map((voice) => voice.source));
    const changed = sources.size !== this.#voices.length || this.#voices.some((voice) => !sources.has(voice.source));
    this.#voices = voices;
    if (this.#desk) {
      const { joined, left } = this.#desk.setVoices(voices);
      for (const key of left) for (const run of this.#runs()) run.leave(key, this.#now + HUSHED_AFTER);
      for (const voice of joined) for (const run of this.#runs()) run.join(voice);
    }
    if (!changed) return;
    for (const stop of this.#unsubscribe) stop();
    this.#unsubscribe = [...sources].map((source) => source.subscribe(() => this.#measure()));
    this.#measure();
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
    await this.#beginFrom(this.#rest);
  }

  pause(): void {
    if (this.#state.phase === 'paused') return;
    this.#rest = this.position();
    this.#silence();
    this.#become({ phase: 'paused' });
  }

  toggle(): void {
    if (this.#state.phase === 'paused') void this.play();
    else this.pause();
  }

  /** Goes to a place, seconds. */
  seek(seconds: number): void {
    this.#rest = Math.min(Math.max(0, seconds), this.#state.duration);
    if (this.#state.phase !== 'paused') void this.#beginFrom(this.#rest);
    else this.#changes.announce();
  }

  /** Plays this part again and again, sample for sample without a break; null for none. */
  setLoop(loop: Loop | null): void {
    const kept = loop && { start: Math.max(0, loop.start), end: Math.max(loop.end, loop.start + SHORTEST_LOOP) };
    this.#become({ loop: kept });
    const at = this.position();
    if (kept && (at < kept.start || at >= kept.end)) this.seek(kept.start);
    else void this.#replan();
  }

  /** 0.5 to 1, at constant pitch. */
  setSpeed(speed: number): void {
    const kept = Math.min(1, Math.max(SLOWEST, speed));
    if (kept === this.#state.speed) return;
    this.#become({ speed: kept });
    void this.#replan();
  }

  /** Decibels. */
  setVolume(volumeDb: number): void {
    this.#desk?.setVolume(volumeDb);
    this.#become({ volumeDb });
  }

  /** What is heard now, seconds of the song. */
  position(): number {
    if (!this.#run || !this.#context || !this.#desk || this.#state.phase === 'paused') return this.#rest;
    const heard = this.#now - (this.#context.outputLatency || 0) - this.#desk.latency;
    const run = this.#former && heard < this.#run.at ? this.#former : this.#run;
    return run.positionAt(heard) / this.#context.sampleRate;
  }

  /** The level of a voice, or of the whole. */
  level(key?: string): Level {
    return this.#desk?.level(key) ?? { rms: 0, peak: 0 };
  }

  /** Falls silent and lets go of everything but the sources. */
  close(): void {
    this.pause();
    for (const stop of this.#unsubscribe) stop();
    this.#unsubscribe = [];
    void this.#context?.close();
    this.#context = undefined;
    this.#desk = undefined;
  }

  get #now(): number {
    return this.#context?.currentTime ?? 0;
  }

  #runs(): Run[] {
    return [this.#former, this.#run].filter((run) => run !== undefined);
  }

  #wake(): AudioContext {
    if (!this.#context || !this.#desk) {
      this.#context = new AudioContext({ latencyHint: 'playback', sampleRate: commonRate(this.#voices) });
      this.#desk = new Desk(this.#context, this.#state.volumeDb);
      this.#desk.setVoices(this.#voices);
    }
    return this.#context;
  }

  /** Begins anew at a place, as soon as its sound is there. */
  async #beginFrom(seconds: number): Promise<void> {
    const turn = this.#silence();
    this.#rest = seconds;
    this.#become({ phase: 'waiting' });
    const { run, desk, first } = await this.#plan(Math.round(seconds * (this.#context?.sampleRate ?? 1)));
    if (turn !== this.#turn) return;
    if (!first) {
      this.#finish();
      return;
    }
    const at = this.#frameAfter(this.#now + Math.max(LEAD, HUSHED_AFTER));
    run.beginAt(at);
    void desk.expect(run.plan.speed, at);
    desk.open(at);
    run.start(first);
    this.#run = run;
    this.#become({ phase: 'playing' });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  /** Goes over, without a break, to a run with the settings as they are now. */
  async #replan(): Promise<void> {
    const old = this.#run;
    if (!old || this.#state.phase !== 'playing') {
      // What waits to begin began with other settings.
      if (this.#state.phase === 'waiting') void this.#beginFrom(this.#rest);
      return;
    }
    const turn = ++this.#turn;
    const at = this.#frameAfter(Math.max(this.#now + HANDOVER, old.at));
    const position = Math.round(old.positionAt(at));
    const { run, desk, first } = await this.#plan(position);
    if (turn !== this.#turn) return;
    if (!first || this.#now + SAFETY > at || at > old.until) {
      void this.#beginFrom(this.position());
      return;
    }
    run.beginAt(at);
    void desk.expect(run.plan.speed, at);
    old.stopAt(at);
    run.start(first);
    this.#former = old;
    this.#run = run;
    this.#tick();
  }

  async #plan(from: number) {
    const context = this.#wake();
    const desk = this.#desk as Desk;
    try {
      await desk.prepare(this.#state.speed);
    } catch {
      this.#become({ speed: 1, problem: NO_SPEED });
    }
    const { loop, speed, duration } = this.#state;
    const frames = (seconds: number) => Math.round(seconds * context.sampleRate);
    const frameLoop: FrameLoop | null = loop && { start: frames(loop.start), end: frames(loop.end) };
    const plan: CoursePlan = { from, end: frames(duration), loop: frameLoop, speed, grid: PIECE_FRAMES };
    const run = new Run(context, desk, plan);
    return { run, desk, first: await run.prepare() };
  }

  #tick(): void {
    const run = this.#run;
    if (!run) return;
    void this.#extend(run);
    if (run.ended && this.#now - (this.#desk?.latency ?? 0) >= run.until) this.#finish();
    else if (!run.ended && this.#now >= run.until && this.#state.phase === 'playing') this.#become({ phase: 'waiting' });
  }

  async #extend(run: Run): Promise<void> {
    if (this.#extending) return;
    this.#extending = true;
    try {
      while (run === this.#run && !run.ended && run.until < this.#now + AHEAD) {
        const ready = await run.prepare();
        if (run !== this.#run || !ready) break;
        if (run.timeOf(ready.part) < this.#now + SAFETY) {
          // Its sound came too late: all go on together from there.
          void this.#beginFrom(ready.part.position / (this.#context?.sampleRate ?? 1));
          break;
        }
        run.start(ready);
      }
    } finally {
      this.#extending = false;
    }
  }

  #finish(): void {
    const { duration } = this.#state;
    this.#silence();
    this.#rest = duration;
    this.#become({ phase: 'paused' });
  }

  /** Ends what sounds and what is about to; returns the turn that begins. */
  #silence(): number {
    clearInterval(this.#timer);
    this.#desk?.hush();
    for (const run of this.#runs()) run.stopAt(this.#now + HUSHED_AFTER);
    this.#former = undefined;
    this.#run = undefined;
    return ++this.#turn;
  }

  #frameAfter(time: number): number {
    const rate = this.#context?.sampleRate ?? 1;
    return Math.ceil(time * rate) / rate;
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

/** The rate that most voices have, so that as few as possible are resampled. */
function commonRate(voices: readonly PlayerVoice[]): number {
  const counts = new Map<number, number>();
  for (const { source } of voices) counts.set(source.sampleRate, (counts.get(source.sampleRate) ?? 0) + 1);
  const [rate] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [44_100];
  return rate;
}
