import { Announcer } from './announcer';
import { decode } from './decoding';
import { type Piece, PieceReader } from './pieces';
import { Readiness } from './readiness';
import type { SourceState, StemShape, StemSource } from './source';

/** A part of a stem that is finished while the rest is still computed. */
export interface Segment {
  readonly firstFrame: number;
  readonly frames: number;
  /** The stored samples times 2 to this power are the stem. */
  readonly scaleBits: number;
  /** A fresh address of its FLAC file. */
  address(): Promise<string>;
}

const UNREACHABLE = 'The finished part of this stem could not be loaded. Check your connection, then try again.';

/** A stem that is still being made: its segments as they come. */
export class SegmentSource implements StemSource {
  readonly frames: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly #segments: Segment[] = [];
  readonly #files = new Map<Segment, Blob>();
  readonly #changes = new Announcer();
  readonly #readiness = new Readiness();
  readonly #reader: PieceReader;
  #playable = 0;
  #state: SourceState = { kind: 'loading', share: 0 };

  constructor(shape: StemShape) {
    ({ frames: this.frames, sampleRate: this.sampleRate, channels: this.channels } = shape);
    this.#reader = new PieceReader(this, (frame) => this.#pieceAt(frame));
  }

  get state(): SourceState {
    return this.#state;
  }

  get playableFrames(): number {
    return this.#playable;
  }

  /** Adds the segment that follows on the last one; what is there already, or would leave a gap, is left out. */
  add(segment: Segment): void {
    if (this.#readiness.closed || segment.firstFrame !== this.#playable) return;
    this.#segments.push(segment);
    this.#playable = segment.firstFrame + segment.frames;
    this.#become(
      this.#playable >= this.frames ? { kind: 'ready' } : { kind: 'loading', share: this.#playable / this.frames },
    );
  }

  async read(firstFrame: number, frames: number): Promise<AudioBuffer> {
    await this.#readiness.until(Math.min(firstFrame + frames, this.frames));
    try {
      return await this.#reader.read(firstFrame, frames);
    } catch (error) {
      if (!this.#readiness.closed) this.#become({ kind: 'failed', message: UNREACHABLE });
      throw error;
    }
  }

  subscribe(listener: () => void): () => void {
    return this.#changes.subscribe(listener);
  }

  retry(): void {
    this.#become({ kind: 'loading', share: this.#playable / this.frames });
  }

  close(): void {
    this.#readiness.close();
    this.#reader.clear();
    this.#files.clear();
  }

  #become(state: SourceState): void {
    this.#state = state;
    this.#readiness.reached(this.#playable);
    this.#changes.announce();
  }

  #pieceAt(frame: number): Piece {
    const segment = this.#segments.find((one) => frame < one.firstFrame + one.frames);
    if (!segment) throw new RangeError(`No segment at ${frame}`);
    const { firstFrame, frames, scaleBits } = segment;
    const shape = { frames, sampleRate: this.sampleRate, channels: this.channels };
    return {
      firstFrame,
      frames,
      decode: async () => decode(await (await this.#fileOf(segment)).arrayBuffer(), shape, scaleBits),
    };
  }

  async #fileOf(segment: Segment): Promise<Blob> {
    const kept = this.#files.get(segment);
    if (kept) return kept;
    const response = await fetch(await segment.address());
    if (!response.ok) throw new TypeError(`The address answers ${response.status}.`);
    const file = await response.blob();
    this.#files.set(segment, file);
    return file;
  }
}
