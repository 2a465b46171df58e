import { expect, test } from 'vitest';
import { readFor } from './voice_starts';

const PART = { position: 1000, frames: 500, after: 0 };
const VOICE = { frames: 10_000, sampleRate: 44_100 };

test('at its own rate and at full speed a voice is read to the sample', () => {
  expect(readFor(VOICE, 44_100, PART, 1)).toEqual({ first: 1000, frames: 500, delay: 0, duration: 500 / 44_100 });
});

test('what is interpolated has one sample more to go over to', () => {
  expect(readFor(VOICE, 44_100, PART, 0.5)).toMatchObject({ first: 1000, frames: 501, duration: 500 / 44_100 });
});

test('a voice of another rate begins with its first whole frame in the part, at its time', () => {
  const voice = { ...VOICE, sampleRate: 48_000 };
  const exact = (1000 * 48_000) / 44_100;
  const read = readFor(voice, 44_100, PART, 1);
  expect(read?.first).toBe(Math.ceil(exact));
  expect((read?.delay ?? 0) * 48_000).toBeCloseTo(Math.ceil(exact) - exact, 9);
});

test('parts of a voice of another rate follow on each other without a gap', () => {
  const voice = { frames: 1_000_000, sampleRate: 48_000 };
  let heard = 0;
  for (let position = 0; position < 500_000; position += 4999) {
    const read = readFor(voice, 44_100, { position, frames: 4999, after: position }, 0.9);
    expect(read?.first).toBe(heard);
    heard += Math.round((read?.duration ?? 0) * 48_000);
  }
});

test('a voice that has ended is not read, and one that ends is read to its end', () => {
  expect(readFor({ ...VOICE, frames: 1000 }, 44_100, PART, 1)).toBeUndefined();
  expect(readFor({ ...VOICE, frames: 1200 }, 44_100, PART, 1)).toMatchObject({ first: 1000, frames: 200 });
});
