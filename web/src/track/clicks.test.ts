import { describe, expect, it } from 'vitest';
import { clicksFrom } from './clicks';

const RATE = 8_000;
const BEATS = { seconds: [0, 0.5, 1, 1.5], positions: [1, 2, 1, 2] };

const loudest = (samples: Float32Array) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

describe('clicksFrom', () => {
  it('clicks at each beat, and nowhere else', () => {
    const samples = clicksFrom(BEATS, 0, 2 * RATE, RATE);
    for (const at of BEATS.seconds) expect(loudest(samples.slice(at * RATE, at * RATE + 80))).toBeGreaterThan(0.3);
    for (const at of BEATS.seconds) expect(loudest(samples.slice(at * RATE + 400, (at + 0.5) * RATE))).toBe(0);
    expect(loudest(samples)).toBeLessThanOrEqual(0.5);
  });

  it('is the same in pieces as in one, also where a piece begins within a click', () => {
    const whole = clicksFrom(BEATS, 0, 2 * RATE, RATE);
    const pieces = [0, 4_100, 8_001].map((first, i, all) =>
      clicksFrom(BEATS, first, (all[i + 1] ?? 2 * RATE) - first, RATE),
    );
    expect(pieces.flatMap((piece) => [...piece])).toEqual([...whole]);
  });

  it('sounds higher on the one', () => {
    const crossings = (samples: Float32Array) =>
      samples.reduce((count, sample, i) => count + (sample * (samples[i - 1] ?? 0) < 0 ? 1 : 0), 0);
    const samples = clicksFrom(BEATS, 0, RATE, RATE);
    expect(crossings(samples.slice(0, 160))).toBeGreaterThan(crossings(samples.slice(4_000, 4_160)));
  });
});
