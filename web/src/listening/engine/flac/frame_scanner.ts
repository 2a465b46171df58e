import { crc16Step } from './crc';
import { type FrameHeader, HEADER_BYTES, readFrameHeader } from './frame_header';
import { BrokenFlac, readStreamInfo, type StreamInfo } from './stream_info';

/** A frame's place: its first sample and the byte at which it begins. */
export interface FramePlace {
  readonly first: number;
  readonly offset: number;
}

const LONGEST_HEAD = 32 * 2 ** 20;

/**
 * Finds the frames of a FLAC file while its bytes arrive, keeping only as many as it must. A frame ends where its check
 * sum over all of it comes out as zero and the next frame, with the next number, begins: nothing in the sound can look like
 * that by chance.
 */
export class FrameScanner {
  #info: StreamInfo | undefined;
  #rest: Uint8Array = new Uint8Array(0);
  // The byte of the file at which `#rest` begins.
  #offset = 0;
  #frame: FrameHeader | undefined;
  #frameOffset = 0;
  #first = 0;
  #count = 0;
  #sum = 0;
  // How far into `#rest` the check sum of the open frame has got.
  #at = 0;
  #found: FramePlace[] = [];

  /** Undefined until the file's head has arrived. */
  get info(): StreamInfo | undefined {
    return this.#info;
  }

  /** The samples of all complete frames so far. */
  get completeFrames(): number {
    return this.#first;
  }

  /** The byte at which the last complete frame ends. */
  get completeBytes(): number {
    return this.#frameOffset;
  }

  /** The frames that were completed since the last call. */
  take(): FramePlace[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  /** Takes the next bytes of the file. Throws `BrokenFlac`. */
  push(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.#rest.length + bytes.length);
    joined.set(this.#rest);
    joined.set(bytes, this.#rest.length);
    this.#rest = joined;
    if (!this.#info) {
      this.#info = readStreamInfo(joined);
      if (!this.#info) {
        if (joined.length > LONGEST_HEAD) throw new BrokenFlac('its sound does not begin');
        return;
      }
      this.#at = this.#info.audioStart;
    }
    this.#scan(this.#info, HEADER_BYTES);
    this.#rest = this.#rest.slice(this.#at);
    this.#offset += this.#at;
    this.#at = 0;
  }

  /** There are no more bytes. Throws `BrokenFlac` where the last frame is cut off. */
  end(): void {
    if (!this.#info) throw new BrokenFlac('it ends before its sound begins');
    this.#scan(this.#info, 0);
    if (!this.#frame || this.#sum !== 0) throw new BrokenFlac('its end is missing');
    this.#close(this.#frame);
    this.#frameOffset = this.#offset + this.#at;
    if (this.#info.frames !== 0 && this.#info.frames !== this.#first) throw new BrokenFlac('a part of it is missing');
  }

  #scan(info: StreamInfo, margin: number): void {
    const bytes = this.#rest;
    const last = bytes.length - margin;
    let sum = this.#sum;
    let at = this.#at;
    for (; at < last; at++) {
      const opens = this.#frame === undefined || (sum === 0 && bytes[at] === 0xff);
      if (opens && this.#opensAt(info, at, sum)) sum = 0;
      sum = crc16Step(sum, bytes[at] as number);
    }
    this.#sum = sum;
    this.#at = Math.max(at, this.#at);
  }

  #opensAt(info: StreamInfo, at: number, sum: number): boolean {
    const header = readFrameHeader(this.#rest, at, info);
    const open = this.#frame;
    if (!open) {
      if (!header) throw new BrokenFlac('its sound does not begin where it should');
      this.#open(header, at);
      return true;
    }
    const first = this.#first + open.block;
    if (!header || sum !== 0 || header.number !== (header.variable ? first : this.#count + 1)) return false;
    this.#close(open);
    this.#open(header, at);
    return true;
  }

  #open(header: FrameHeader, at: number): void {
    this.#frame = header;
    this.#frameOffset = this.#offset + at;
  }

  #close(open: FrameHeader): void {
    this.#found.push({ first: this.#first, offset: this.#frameOffset });
    this.#first += open.block;
    this.#count += 1;
    this.#frame = undefined;
  }
}
