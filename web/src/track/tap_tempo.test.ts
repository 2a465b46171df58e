import { describe, expect, it } from 'vitest';
import { tempoOf, withTap } from './tap_tempo';

const every = (milliseconds: number, count: number) =>
  Array.from({ length: count }, (_, i) => 1_000 + i * milliseconds);

describe('tempoOf', () => {
  it('says nothing before there are four taps', () => {
    expect(tempoOf(every(500, 3))).toBeUndefined();
    expect(tempoOf(every(500, 4))?.bpm).toBeCloseTo(120);
  });

  it('averages an unsteady hand', () => {
    const off = [12, -18, 5, 20, -9, -14, 16, 3, -6, 11];
    const taps = every(60_000 / 97, 10).map((at, i) => at + (off[i] ?? 0));
    const tapped = tempoOf(taps);
    expect(tapped?.bpm).toBeGreaterThan(96.4);
    expect(tapped?.bpm).toBeLessThan(97.6);
    expect(tapped?.even).toBe(true);
  });

  it('counts a beat that was left out', () => {
    const taps = every(500, 10).filter((_, i) => i !== 4);
    expect(tempoOf(taps)?.bpm).toBeCloseTo(120);
  });

  it('does not count a finger that slipped', () => {
    const taps = every(500, 8).toSpliced(4, 0, 1_000 + 3 * 500 + 90);
    expect(tempoOf(taps)?.bpm).toBeCloseTo(120);
    expect(tempoOf(taps)?.taps).toBe(8);
  });

  it('leaves out a tap that went astray', () => {
    const taps = every(500, 9).map((at, i) => (i === 5 ? at + 180 : at));
    expect(tempoOf(taps)?.bpm).toBeCloseTo(120, 1);
    expect(tempoOf(taps)?.taps).toBe(8);
  });

  it('says so when the taps are uneven', () => {
    const off = [0, 80, -70, 85, -80, 60, -75, 70];
    const taps = every(500, 8).map((at, i) => at + (off[i] ?? 0));
    expect(tempoOf(taps)?.even).toBe(false);
  });
});

describe('withTap', () => {
  it('begins anew after a pause', () => {
    expect(withTap([1_000, 1_500], 2_000)).toEqual([1_000, 1_500, 2_000]);
    expect(withTap([1_000, 1_500], 4_500)).toEqual([4_500]);
  });

  it('waits longer for slow beats', () => {
    expect(withTap([0, 2_000, 4_000], 7_000)).toHaveLength(4);
  });

  it('forgets the oldest taps, so that it follows a tempo that changes', () => {
    const taps = every(500, 60).reduce<readonly number[]>((all, at) => withTap(all, at), []);
    expect(taps.length).toBeLessThanOrEqual(32);
    expect(taps.at(-1)).toBe(1_000 + 59 * 500);
  });
});
