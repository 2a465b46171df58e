import { Course, type CoursePlan, type Part } from './course';
import { audibleKeys, type PlayerVoice } from './settings';
import { readFor, type VoiceRead } from './voice_starts';

/** How far ahead of the clock something must be scheduled to begin in time, seconds. */
export const SAFETY = 0.02;

/** A part whose sound is there, ready to be started. */
export interface ReadyPart {
  readonly part: Part;
  readonly reads: ReadonlyMap<string, Promise<Sound | undefined>>;
  /** Those that were waited for. */
  readonly sounds: ReadonlyMap<string, Sound | undefined>;
}

interface Sound {
  readonly read: VoiceRead;
  readonly buffer: AudioBuffer;
}

interface Started {
  readonly part: Part;
  /** Seconds of the clock. */
  readonly at: number;
  readonly until: number;
  readonly nodes: Map<string, AudioBufferSourceNode>;
}

/** The voices of a run and where they go in. */
export interface Cast {
  readonly voices: readonly PlayerVoice[];
  input(key: string): AudioNode | undefined;
}

/**
 * Playing without a break: parts of all voices, each started at its time of one clock. That time is counted from the
 * beginning of the run, so that all voices stay together to the sample however long it lasts.
 */
export class Run {
  readonly #context: BaseAudioContext;
  readonly #course: Course;
  readonly #cast: Cast;
  #at = 0;
  #after = 0;
  #ended = false;
  #stopped = false;
  #started: Started[] = [];

  constructor(context: BaseAudioContext, cast: Cast, plan: CoursePlan) {
    this.#context = context;
    this.#cast = cast;
    this.#course = new Course(plan);
  }

  get plan(): CoursePlan {
    return this.#course.plan;
  }

  /** When it begins, seconds of the clock. */
  get at(): number {
    return this.#at;
  }

  /** Until when there is something to hear, seconds of the clock. */
  get until(): number {
    return this.#timeAfter(this.#after);
  }

  /** Whether the song's end is scheduled. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Where in the song it is at a time, frames. Stands still where nothing is scheduled yet. */
  positionAt(time: number): number {
    const frames = (time - this.#at) * this.#context.sampleRate * this.plan.speed;
    return this.#course.positionAfter(Math.min(Math.max(frames, 0), this.#after));
  }

  /** It begins at this time. Everything before `start` needs no time. */
  beginAt(time: number): void {
    this.#at = time;
  }

  /** When a part is to sound, seconds of the clock. */
  timeOf(part: Part): number {
    return this.#timeAfter(part.after);
  }

  /** The next part, once the sound of all voices that are heard is there; undefined at the song's end. */
  async prepare(): Promise<ReadyPart | undefined> {
    const part = this.#course.next();
    if (!part) {
      this.#ended = true;
      return undefined;
    }
    const { voices } = this.#cast;
    const audible = audibleKeys(voices);
    const reads = new Map(voices.map((voice) => [voice.key, this.#read(voice, part)]));
    const sounds = new Map<string, Sound | undefined>();
    for (const key of audible) sounds.set(key, await reads.get(key));
    return { part, reads, sounds };
  }

  /** Starts a part at its time, which is not yet past. */
  start({ part, reads, sounds }: ReadyPart): void {
    const started = { part, at: this.timeOf(part), until: this.#timeAfter(part.after + part.frames), nodes: new Map() };
    this.#after = part.after + part.frames;
    this.#started = [...this.#started.filter((one) => one.until > this.#context.currentTime), started];
    for (const voice of this.#cast.voices) {
      const sound = sounds.get(voice.key);
      if (sound) this.#place(started, voice.key, sound);
      else if (!sounds.has(voice.key)) this.#placeLate(started, voice, reads.get(voice.key));
    }
  }

  /** A voice that is new comes in as soon as its sound is there. */
  join(voice: PlayerVoice): void {
    for (const started of this.#started) this.#placeLate(started, voice, undefined);
  }

  /** A voice that is gone falls silent. */
  leave(key: string, at: number): void {
    for (const { nodes } of this.#started) {
      nodes.get(key)?.stop(at);
      nodes.delete(key);
    }
  }

  /** Nothing of it sounds from this time on. */
  stopAt(time: number): void {
    this.#stopped = true;
    for (const { nodes } of this.#started) for (const node of nodes.values()) node.stop(time);
  }

  async #read(voice: PlayerVoice, part: Part): Promise<Sound | undefined> {
    const read = readFor(voice.source, this.#context.sampleRate, part, this.plan.speed);
    if (!read) return undefined;
    try {
      return { read, buffer: await voice.source.read(read.first, read.frames) };
    } catch {
      // The source says itself what is wrong with it; the others play on.
      return undefined;
    }
  }

  #placeLate(started: Started, voice: PlayerVoice, reading = this.#read(voice, started.part)): void {
    void reading.then((sound) => {
      const there = this.#cast.voices.some((one) => one.key === voice.key);
      if (sound && there && !this.#stopped) this.#place(started, voice.key, sound);
    });
  }

  #place({ at, nodes }: Started, key: string, { read, buffer }: Sound): void {
    const input = this.#cast.input(key);
    if (!input || nodes.has(key)) return;
    const { currentTime } = this.#context;
    const { speed } = this.plan;
    const node = new AudioBufferSourceNode(this.#context, { buffer, playbackRate: speed });
    const begin = at + read.delay / speed;
    if (at >= currentTime) {
      node.start(begin, 0, read.duration);
    } else {
      // Too late for its beginning: it comes in on a whole frame, where the others are by then.
      const rate = buffer.sampleRate;
      const skipped = Math.max(0, Math.ceil((currentTime + SAFETY - begin) * speed * rate) / rate);
      // Nothing of it is left to be heard; what never starts can't be stopped later either.
      if (skipped >= read.duration) return;
      node.start(begin + skipped / speed, skipped, read.duration - skipped);
    }
    node.connect(input);
    nodes.set(key, node);
  }

  #timeAfter(frames: number): number {
    return this.#at + frames / (this.#context.sampleRate * this.plan.speed);
  }
}
