import type { StemShape } from './source';

/** How long a piece is, in frames: 3 seconds at 44.1 kHz. A multiple of every usual block size of FLAC. */
export const PIECE_FRAMES = 2 ** 17;

/** A part of a stem that is decoded at once. */
export interface Piece {
  readonly firstFrame: number;
  readonly frames: number;
  /** Its samples at the stem's own rate. */
  decode(): Promise<AudioBuffer>;
}

/** Pieces that are kept decoded, per stem: the one that sounds, the next, and the one a loop jumps back to. */
const KEPT = 3;

/** Reads any run of samples of a stem that is decoded piece by piece. */
export class PieceReader {
  readonly #shape: StemShape;
  readonly #pieceAt: (frame: number) => Piece;
  // In the order of their last use.
  readonly #decoded = new Map<number, Promise<AudioBuffer>>();

  /** `pieceAt` names the piece that holds a frame; its first frame is its identity. */
  constructor(shape: StemShape, pieceAt: (frame: number) => Piece) {
    this.#shape = shape;
    this.#pieceAt = pieceAt;
  }

  /** The samples of `[firstFrame, firstFrame + frames)`; silence beyond the stem's end. */
  async read(firstFrame: number, frames: number): Promise<AudioBuffer> {
    const { sampleRate, channels } = this.#shape;
    const end = Math.min(firstFrame + frames, this.#shape.frames);
    const parts: { piece: Piece; samples: AudioBuffer }[] = [];
    for (let at = firstFrame; at < end; ) {
      const piece = this.#pieceAt(at);
      const samples = await this.#samplesOf(piece);
      if (piece.firstFrame === firstFrame && piece.frames === frames) return samples;
      parts.push({ piece, samples });
      at = piece.firstFrame + piece.frames;
    }
    const whole = new AudioBuffer({ length: frames, numberOfChannels: channels, sampleRate });
    for (const { piece, samples } of parts) {
      const skipped = Math.max(0, firstFrame - piece.firstFrame);
      const into = Math.max(0, piece.firstFrame - firstFrame);
      const count = Math.min(piece.frames - skipped, end - firstFrame - into);
      for (let channel = 0; channel < channels; channel++) {
        whole.copyToChannel(samples.getChannelData(channel).subarray(skipped, skipped + count), channel, into);
      }
    }
    return whole;
  }

  /** Lets go of everything that is decoded. */
  clear(): void {
    this.#decoded.clear();
  }

  #samplesOf(piece: Piece): Promise<AudioBuffer> {
    const key = piece.firstFrame;
    const samples = this.#decoded.get(key) ?? piece.decode();
    this.#decoded.delete(key);
    this.#decoded.set(key, samples);
    // A piece that could not be decoded is tried again when it is asked for again.
    samples.catch(() => this.#decoded.delete(key));
    for (const oldest of this.#decoded.keys()) {
      if (this.#decoded.size <= KEPT) break;
      this.#decoded.delete(oldest);
    }
    return samples;
  }
}
