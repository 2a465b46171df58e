/** What a FLAC file says of itself (RFC 9639, section 8.2), and where its sound begins. */
export interface StreamInfo {
  readonly minBlock: number;
  readonly maxBlock: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bits: number;
  /** Samples per channel; 0 where the file does not say. */
  readonly frames: number;
  /** The byte at which the first frame begins. */
  readonly audioStart: number;
}

/** A file is no FLAC, or a damaged one. */
export class BrokenFlac extends Error {
  constructor(what: string) {
    super(`This is not a FLAC file that can be played: ${what}.`);
  }
}

const MARKER = [0x66, 0x4c, 0x61, 0x43];
const STREAMINFO_BYTES = 34;

/** Reads the head of a file; undefined while `head` does not hold all of it. */
export function readStreamInfo(head: Uint8Array): StreamInfo | undefined {
  if (head.length < 8) return undefined;
  if (MARKER.some((byte, i) => head[i] !== byte)) throw new BrokenFlac('it does not begin with fLaC');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let at = 4;
  for (;;) {
    if (at + 4 > head.length) return undefined;
    const kind = view.getUint8(at);
    const size = view.getUint32(at) & 0xffffff;
    if (at === 4 && ((kind & 0x7f) !== 0 || size !== STREAMINFO_BYTES))
      throw new BrokenFlac('its description is missing');
    at += 4 + size;
    if (kind & 0x80) break;
  }
  if (at > head.length) return undefined;
  // 20 bits of rate, 3 of channels, 5 of bits, 36 of frames.
  const packed = view.getUint32(18);
  return {
    minBlock: view.getUint16(8),
    maxBlock: view.getUint16(10),
    sampleRate: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bits: ((packed >>> 4) & 31) + 1,
    frames: (packed & 15) * 2 ** 32 + view.getUint32(22),
    audioStart: at,
  };
}

/** The head of a file that has only the description: `frames` samples, and no check sum over them. */
export function writeStreamInfo(info: StreamInfo, frames: number): Uint8Array {
  const head = new Uint8Array(8 + STREAMINFO_BYTES);
  const view = new DataView(head.buffer);
  head.set(MARKER);
  view.setUint32(4, 0x80000000 | STREAMINFO_BYTES);
  view.setUint16(8, info.minBlock);
  view.setUint16(10, info.maxBlock);
  const high = Math.floor(frames / 2 ** 32);
  view.setUint32(18, ((info.sampleRate << 12) | ((info.channels - 1) << 9) | ((info.bits - 1) << 4) | high) >>> 0);
  view.setUint32(22, frames >>> 0);
  return head;
}
