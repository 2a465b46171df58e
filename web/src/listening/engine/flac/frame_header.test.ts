import { expect, test } from 'vitest';
import { crc8 } from './crc';
import { readFrameHeader, writeCodedNumber } from './frame_header';
import type { StreamInfo } from './stream_info';

const INFO: StreamInfo = {
  minBlock: 4096,
  maxBlock: 4096,
  sampleRate: 44_100,
  channels: 2,
  bits: 24,
  frames: 0,
  audioStart: 0,
};

// 4096 samples, 44.1 kHz, stereo as mid and side, 24 bits.
function header(number: number): Uint8Array {
  const bytes = [0xff, 0xf8, 0xc9, 0xac, ...writeCodedNumber(number)];
  return Uint8Array.from([...bytes, crc8(Uint8Array.from(bytes), 0, bytes.length), 0, 0]);
}

test.each([0, 1, 127, 128, 2047, 2048, 65_535, 65_536, 2 ** 21 - 1, 2 ** 21, 2 ** 26, 2 ** 31, 2 ** 36 - 1])(
  'number %d comes back from its header',
  (number) => {
    const read = readFrameHeader(header(number), 0, INFO);
    expect(read).toMatchObject({ number, block: 4096, variable: false, bytes: 5 + writeCodedNumber(number).length });
  },
);

test('a number takes as many bytes as UTF-8 would', () => {
  expect(writeCodedNumber(0x20ac)).toEqual([...new TextEncoder().encode('€')]);
  expect(writeCodedNumber(2 ** 36 - 1)).toHaveLength(7);
});

test('a header with one wrong bit is none', () => {
  const good = header(300);
  for (let bit = 0; bit < (good.length - 2) * 8; bit++) {
    const bad = good.slice();
    bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(readFrameHeader(bad, 0, INFO)).toBeUndefined();
  }
});

test('a header of another kind of file is none', () => {
  expect(readFrameHeader(header(3), 0, { ...INFO, channels: 1 })).toBeUndefined();
  expect(readFrameHeader(header(3), 0, { ...INFO, bits: 16 })).toBeUndefined();
});

test('a header that is cut off is none', () => {
  for (let length = 0; length < 7; length++)
    expect(readFrameHeader(header(300).slice(0, length), 0, INFO)).toBeUndefined();
});
