// For tests: a FLAC encoder that stores samples as they are.
import { crc8, crc16 } from './crc';
import { writeCodedNumber } from './frame_header';

const BITS = 24;
const BITS_CODE = 6;

export interface VerbatimOptions {
  readonly sampleRate?: number;
  /** The length of each block in turn; the last one holds what is left. */
  readonly blocks?: readonly number[];
  /** Whether frames are numbered by their first sample, as files of varying block size are. */
  readonly variable?: boolean;
}

/** A FLAC file of these channels, samples of 24 bits. */
export function verbatimFlac(
  channels: readonly (readonly number[])[],
  { sampleRate = 44_100, blocks = [64], variable = false }: VerbatimOptions = {},
): Uint8Array<ArrayBuffer> {
  const length = channels[0]?.length ?? 0;
  const bytes: number[] = [...head(channels.length, length, sampleRate, blocks)];
  for (let first = 0, number = 0; first < length; number++) {
    const block = Math.min(blocks[number % blocks.length] ?? 64, length - first);
    bytes.push(...frame(channels, first, block, variable ? first : number, variable));
    first += block;
  }
  return Uint8Array.from(bytes);
}

function head(channels: number, length: number, sampleRate: number, blocks: readonly number[]): number[] {
  const info = new DataView(new ArrayBuffer(34));
  info.setUint16(0, Math.min(...blocks));
  info.setUint16(2, Math.max(...blocks));
  info.setUint32(10, ((sampleRate << 12) | ((channels - 1) << 9) | ((BITS - 1) << 4)) >>> 0);
  info.setUint32(14, length);
  info.setUint8(18, 0xab); // some of an MD5
  const padding = [0x81, 0, 0, 6, 0, 0, 0, 0, 0, 0];
  return [...new TextEncoder().encode('fLaC'), 0, 0, 0, 34, ...new Uint8Array(info.buffer), ...padding];
}

function frame(
  channels: readonly (readonly number[])[],
  first: number,
  block: number,
  number: number,
  variable: boolean,
): number[] {
  const bytes = [0xff, variable ? 0xf9 : 0xf8, 0x70, ((channels.length - 1) << 4) | (BITS_CODE << 1)];
  bytes.push(...writeCodedNumber(number), (block - 1) >> 8, (block - 1) & 255);
  bytes.push(crc8(Uint8Array.from(bytes), 0, bytes.length));
  for (const channel of channels) {
    bytes.push(0x02);
    for (const sample of channel.slice(first, first + block)) {
      bytes.push((sample >> 16) & 255, (sample >> 8) & 255, sample & 255);
    }
  }
  const sum = crc16(0, Uint8Array.from(bytes), 0, bytes.length);
  return [...bytes, sum >> 8, sum & 255];
}
