import type { FrameLoop } from './course';
import { Desk, HUSHED_AFTER } from './desk';
import { PIECE_FRAMES } from './pieces';
import type { PlayerState } from './player_state';
import { Run, SAFETY } from './run';
import type { PlayerVoice } from './settings';

/** What happens while something is played. */
export type Happening = 'waiting' | 'playing' | 'ended' | 'no speed';

export type Wishes = Pick<PlayerState, 'loop' | 'speed' | 'duration'>;

/** Scheduled ahead of the clock, seconds: more than a page in the background has to wait for its timers. */
const AHEAD = 4;
/** From the moment when everything is there to the first sound, seconds. */
const LEAD = 0.06;
/** How long a change of plan may take to prepare, seconds. */
const HANDOVER = 0.15;
const TICK_MS = 200;

/** Playing on a clock: keeps runs going ahead of it, waits for sound, and goes over to other settings without a break. */
export class Performance {
  readonly desk: Desk;
  readonly #context: AudioContext;
  readonly #wishes: () => Wishes;
  readonly #tell: (happening: Happening) => void;
  #run: Run | undefined;
  // Sounds until `#run` begins.
  #former: Run | undefined;
  // Where it is about to begin, seconds.
  #beginning: number | undefined;
  // Grows whenever playing begins anew; what an earlier beginning still waits for is dropped.
  #turn = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #extending: Run | undefined;
  #waits = false;

  /** `wishes` says how it is to be played, whenever a run begins; `tell` is told what happens. */
  constructor(context: AudioContext, wishes: () => Wishes, tell: (happening: Happening) => void) {
    this.#context = context;
    this.desk = new Desk(context);
    this.#wishes = wishes;
    this.#tell = tell;
  }

  /** What is heard now, seconds of the song, or where it is about to begin; undefined while it is silent. */
  position(): number | undefined {
    if (!this.#run) return this.#beginning;
    const heard = this.#now - (this.#context.outputLatency || 0) - this.desk.latency;
    const run = this.#former && heard < this.#run.at ? this.#former : this.#run;
    return run.positionAt(heard) / this.#context.sampleRate;
  }

  /** Voices that are new come in where the others are; those that are gone fall silent. */
  setVoices(voices: readonly PlayerVoice[]): void {
    const { joined, left } = this.desk.setVoices(voices);
    for (const run of this.#runs()) {
      for (const key of left) run.leave(key, this.#now + HUSHED_AFTER);
      for (const voice of joined) run.join(voice);
    }
  }

  /** Begins at a place of the song, seconds, as soon as its sound is there. */
  async begin(seconds: number): Promise<void> {
    this.silence();
    this.#beginning = seconds;
    const turn = this.#turn;
    const { run, first } = await this.#plan(Math.round(seconds * this.#context.sampleRate));
    if (turn !== this.#turn) return;
    if (!first) {
      this.#tell('ended');
      return;
    }
    const at = this.#frameAfter(this.#now + Math.max(LEAD, HUSHED_AFTER));
    run.beginAt(at);
    void this.desk.expect(run.plan.speed, at);
    this.desk.open(at);
    run.start(first);
    this.#run = run;
    this.#waits = false;
    this.#tell('playing');
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  /** Goes over, without a break, to a run as it is wished for now. */
  async handOver(): Promise<void> {
    const old = this.#run;
    if (!old) return;
    const turn = ++this.#turn;
    const at = this.#frameAfter(Math.max(this.#now + HANDOVER, old.at));
    const { run, first } = await this.#plan(Math.round(old.positionAt(at)));
    if (turn !== this.#turn) return;
    if (!first || this.#now + SAFETY > at || at > old.until) {
      void this.begin(this.position() ?? 0);
      return;
    }
    run.beginAt(at);
    void this.desk.expect(run.plan.speed, at);
    old.stopAt(at);
    run.start(first);
    this.#former = old;
    this.#run = run;
    this.#tick();
  }

  /** Ends what sounds and what is about to. */
  silence(): void {
    clearInterval(this.#timer);
    this.desk.hush();
    for (const run of this.#runs()) run.stopAt(this.#now + HUSHED_AFTER);
    this.#former = undefined;
    this.#run = undefined;
    this.#beginning = undefined;
    this.#turn += 1;
  }

  get #now(): number {
    return this.#context.currentTime;
  }

  #runs(): Run[] {
    return [this.#former, this.#run].filter((run) => run !== undefined);
  }

  async #plan(from: number) {
    try {
      await this.desk.prepare(this.#wishes().speed);
    } catch {
      this.#tell('no speed');
    }
    const { loop, speed, duration } = this.#wishes();
    const frames = (seconds: number) => Math.round(seconds * this.#context.sampleRate);
    const frameLoop: FrameLoop | null = loop && { start: frames(loop.start), end: frames(loop.end) };
    const run = new Run(this.#context, this.desk, {
      from,
      end: frames(duration),
      loop: frameLoop,
      speed,
      grid: partFrames(this.#context.sampleRate),
    });
    return { run, first: await run.prepare() };
  }

  #tick(): void {
    const run = this.#run;
    if (!run) return;
    void this.#extend(run);
    const over = this.#now >= run.until;
    if (run.ended && this.#now - this.desk.latency >= run.until) {
      this.silence();
      this.#tell('ended');
    } else if (!run.ended && over && !this.#waits) {
      this.#waits = true;
      this.#tell('waiting');
    }
  }

  async #extend(run: Run): Promise<void> {
    if (this.#extending === run) return;
    this.#extending = run;
    try {
      while (run === this.#run && !run.ended && run.until < this.#now + AHEAD) {
        const ready = await run.prepare();
        if (run !== this.#run || !ready) break;
        if (run.timeOf(ready.part) < this.#now + SAFETY) {
          // Its sound came too late: all go on together from there.
          void this.begin(ready.part.position / this.#context.sampleRate);
          break;
        }
        run.start(ready);
      }
    } finally {
      if (this.#extending === run) this.#extending = undefined;
    }
  }

  #frameAfter(time: number): number {
    return Math.ceil(time * this.#context.sampleRate) / this.#context.sampleRate;
  }
}

/**
 * How long the parts of a run are, in frames: a piece, or at low sample rates so much less that a part stays under three
 * seconds. What is still being made is heard as soon as its first part is there, and that comes in steps of six.
 */
function partFrames(sampleRate: number): number {
  return Math.min(PIECE_FRAMES, 2 ** Math.floor(Math.log2(3 * sampleRate)));
}
