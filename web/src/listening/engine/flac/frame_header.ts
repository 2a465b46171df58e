import { crc8 } from './crc';
import type { StreamInfo } from './stream_info';

/** The longest header a frame can have, bytes. */
export const HEADER_BYTES = 16;

/** What a frame says of itself (RFC 9639, section 9.1). */
export interface FrameHeader {
  /** Samples per channel. */
  readonly block: number;
  /** Which frame it is, or its first sample where block sizes vary. */
  readonly number: number;
  readonly variable: boolean;
  /** Where the coded number lies in the header, and how long it is. */
  readonly numberAt: number;
  readonly numberBytes: number;
  /** With its check sum, bytes. */
  readonly bytes: number;
}

/** Reads the header at `at`; undefined if none is there, or none that fits the file. */
export function readFrameHeader(bytes: Uint8Array, at: number, info: StreamInfo): FrameHeader | undefined {
  const byte = (i: number) => bytes[at + i] ?? -1;
  if (byte(0) !== 0xff || (byte(1) & 0xfe) !== 0xf8) return undefined;
  const blockCode = byte(2) >> 4;
  const rateCode = byte(2) & 15;
  if (blockCode === 0 || rateCode === 15 || (byte(3) & 1) !== 0) return undefined;
  const channelCode = byte(3) >> 4;
  if (channelCode > 10 || (channelCode < 8 ? channelCode + 1 : 2) !== info.channels) return undefined;
  const bits = BITS[(byte(3) >> 1) & 7];
  if (bits === undefined || (bits !== 0 && bits !== info.bits)) return undefined;

  const coded = readCodedNumber(bytes, at + 4);
  if (!coded) return undefined;
  let i = 4 + coded.bytes;
  let block = BLOCKS[blockCode] ?? 0;
  if (blockCode === 6) block = byte(i++) + 1;
  else if (blockCode === 7) {
    block = byte(i) * 256 + byte(i + 1) + 1;
    i += 2;
  }
  if (rateCode === 12) i += 1;
  else if (rateCode > 12) i += 2;
  if (at + i >= bytes.length || crc8(bytes, at, at + i + 1) !== 0) return undefined;
  return {
    block,
    number: coded.value,
    variable: (byte(1) & 1) === 1,
    numberAt: 4,
    numberBytes: coded.bytes,
    bytes: i + 1,
  };
}

/** A number in FLAC's extension of UTF-8, 1 to 7 bytes. */
export function writeCodedNumber(value: number): number[] {
  if (value < 0x80) return [value];
  const tail: number[] = [];
  let rest = value;
  // The first byte of n has room for 7 - n bits.
  while (rest >= 2 ** (6 - tail.length) || tail.length === 0) {
    tail.unshift(0x80 | (rest % 64));
    rest = Math.floor(rest / 64);
  }
  const marks = (0xff << (7 - tail.length)) & 0xff;
  return [marks | rest, ...tail];
}

const BITS = [0, 8, 12, undefined, 16, 20, 24, 32];
const BLOCKS = [0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768];

function readCodedNumber(bytes: Uint8Array, at: number): { value: number; bytes: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { value: first, bytes: 1 };
  const length = Math.clz32(~(first << 24));
  if (length < 2 || length > 7) return undefined;
  let value = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i];
    if (next === undefined || (next & 0xc0) !== 0x80) return undefined;
    value = value * 64 + (next & 63);
  }
  return { value, bytes: length };
}
