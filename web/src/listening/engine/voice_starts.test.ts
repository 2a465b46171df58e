import { expect, test } from 'vitest';
import { readFor } from './voice_starts';

const PART = { position: 1000, frames: 500, after: 0 };
const VOICE = { frames: 10_000, sampleRate: 44_100 };

test('at its own rate and at full speed a voice is read to the sample', () => {
  expect(readFor(VOICE, 44_100, PART, 1)).toEqual({ first: 1000, frames: 500, offset: 0, duration: 500 / 44_100 });
});

test('what is interpolated has one sample more to go over to', () => {
  expect(readFor(VOICE, 44_100, PART, 0.5)).toMatchObject({ first: 1000, frames: 501, duration: 500 / 44_100 });
});

test('a voice of another rate begins between its samples', () => {
  const read = readFor({ ...VOICE, sampleRate: 48_000 }, 44_100, PART, 1);
  const exact = (1000 * 48_000) / 44_100;
  expect(read?.first).toBe(Math.floor(exact));
  expect((read?.offset ?? 0) * 48_000).toBeCloseTo(exact - Math.floor(exact), 9);
  expect(read?.duration).toBeCloseTo(500 / 44_100, 12);
});

test('a voice that has ended is not read, and one that ends is read to its end', () => {
  expect(readFor({ ...VOICE, frames: 1000 }, 44_100, PART, 1)).toBeUndefined();
  expect(readFor({ ...VOICE, frames: 1200 }, 44_100, PART, 1)).toMatchObject({ first: 1000, frames: 200 });
});
