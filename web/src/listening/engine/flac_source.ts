import { Announcer } from './announcer';
import { decode } from './decoding';
import { cutFlac } from './flac/cut';
import { FrameIndex } from './flac/frame_index';
import { openFlacInWorker } from './flac/in_worker';
import type { FlacFile, FlacReport, OpenFlac } from './flac/reading';
import { BrokenFlac, type StreamInfo } from './flac/stream_info';
import { PIECE_FRAMES, type Piece, PieceReader } from './pieces';
import { Readiness } from './readiness';
import type { SourceState, StemShape, StemSource } from './source';

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
const UNREACHABLE = 'This sound could not be loaded. Check your connection, then try again.';
const DAMAGED = 'This sound is damaged and can’t be played. Have the song taken apart again.';

export interface FlacOptions {
  /** The stored samples times 2 to this power are the stem; 0 if absent. */
  readonly scaleBits?: number;
  /** Where files are fetched and read; a worker if absent. */
  readonly open?: OpenFlac;
}

/** A FLAC file behind an address. It can be played while it comes, and is kept outside the page's own memory. */
export class FlacSource implements StemSource {
  readonly frames: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly #address: () => Promise<string>;
  readonly #scaleBits: number;
  readonly #open: OpenFlac;
  readonly #changes = new Announcer();
  readonly #readiness = new Readiness();
  readonly #reader: PieceReader;
  #file: FlacFile | undefined;
  #blob = new Blob();
  #index = new FrameIndex();
  #info: StreamInfo | undefined;
  #state: SourceState = { kind: 'loading', share: 0 };
  #failures = 0;
  // Whether what has come is of no use.
  #afresh = false;
  #pause: ReturnType<typeof setTimeout> | undefined;

  /** `address` is asked for a fresh address whenever fetching begins, or goes on after a break. */
  constructor(
    shape: StemShape,
    address: () => Promise<string>,
    { scaleBits = 0, open = openFlacInWorker }: FlacOptions = {},
  ) {
    ({ frames: this.frames, sampleRate: this.sampleRate, channels: this.channels } = shape);
    this.#address = address;
    this.#scaleBits = scaleBits;
    this.#open = open;
    this.#reader = new PieceReader(this, (frame) => this.#pieceAt(frame));
    this.#begin();
  }

  get state(): SourceState {
    return this.#state;
  }

  get playableFrames(): number {
    // The piece that is still growing would have to be decoded twice.
    return this.#state.kind === 'ready' ? this.frames : Math.floor(this.#index.frames / PIECE_FRAMES) * PIECE_FRAMES;
  }

  async read(firstFrame: number, frames: number): Promise<AudioBuffer> {
    await this.#readiness.until(Math.min(firstFrame + frames, this.frames));
    return this.#reader.read(firstFrame, frames);
  }

  subscribe(listener: () => void): () => void {
    return this.#changes.subscribe(listener);
  }

  retry(): void {
    if (this.#state.kind !== 'failed') return;
    this.#failures = 0;
    this.#readiness.revive();
    this.#become({ kind: 'loading', share: 0 });
    this.#goOn();
  }

  close(): void {
    clearTimeout(this.#pause);
    this.#file?.close();
    this.#readiness.close();
    this.#reader.clear();
    this.#blob = new Blob();
  }

  #goOn(): void {
    if (this.#afresh) this.#begin();
    else void this.#fetch();
  }

  #begin(): void {
    this.#afresh = false;
    this.#file?.close();
    this.#reader.clear();
    this.#blob = new Blob();
    this.#index = new FrameIndex();
    this.#file = this.#open((report) => this.#hear(report));
    void this.#fetch();
  }

  async #fetch(): Promise<void> {
    const file = this.#file;
    try {
      const url = await this.#address();
      if (!this.#readiness.closed) file?.fetch(url);
    } catch {
      this.#pauseOrFail();
    }
  }

  #hear(report: FlacReport): void {
    if (this.#readiness.closed) return;
    switch (report.kind) {
      case 'grown':
        this.#failures = 0;
        this.#grow(report);
        break;
      case 'complete':
        this.#become({ kind: 'ready' });
        break;
      case 'interrupted':
        this.#pauseOrFail();
        break;
      case 'lost':
        this.#afresh = true;
        this.#pauseOrFail();
        break;
      case 'broken':
        this.#giveUp();
        break;
    }
  }

  #grow({ part, places, samples, bytes, info, share }: FlacReport & { kind: 'grown' }): void {
    this.#blob = new Blob([this.#blob, part]);
    this.#index.add(places, samples, bytes);
    this.#info = info;
    if (info && (info.sampleRate !== this.sampleRate || info.channels !== this.channels)) this.#giveUp();
    else this.#become({ kind: 'loading', share });
  }

  #pauseOrFail(): void {
    if (this.#readiness.closed) return;
    this.#failures += 1;
    if (this.#failures >= ATTEMPTS) this.#fail(UNREACHABLE);
    else this.#pause = setTimeout(() => this.#goOn(), FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
  }

  /** What came is of no use: trying again begins anew. */
  #giveUp(): void {
    this.#file?.close();
    this.#afresh = true;
    this.#fail(DAMAGED);
  }

  #fail(message: string): void {
    this.#readiness.fail(new Error(message));
    this.#become({ kind: 'failed', message });
  }

  #become(state: SourceState): void {
    this.#state = state;
    this.#readiness.reached(this.playableFrames);
    this.#changes.announce();
  }

  #pieceAt(frame: number): Piece {
    const first = Math.floor(frame / PIECE_FRAMES) * PIECE_FRAMES;
    const run = this.#index.run(first, Math.min(PIECE_FRAMES, this.#index.frames - first));
    return {
      firstFrame: run.first,
      frames: run.frames,
      decode: async () => {
        if (!this.#info) throw new BrokenFlac('it is not there');
        const bytes = new Uint8Array(await this.#blob.slice(run.start, run.end).arrayBuffer());
        const file = cutFlac(this.#info, this.#index, run, bytes);
        const shape = { frames: run.frames, sampleRate: this.sampleRate, channels: this.channels };
        return decode(file.buffer, shape, this.#scaleBits);
      },
    };
  }
}
