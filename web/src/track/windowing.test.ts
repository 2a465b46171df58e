import { describe, expect, it } from 'vitest';
import { indexAt, momentsWithin, nearest, visible } from './windowing';

const CHORDS = [0, 2, 4, 6, 8].map((start) => ({ startSeconds: start, endSeconds: start + 2 }));
const BEATS = [0.5, 1, 1.5, 2, 2.5];

describe('visible', () => {
  it('is what lies wholly or partly in sight', () => {
    expect(visible(CHORDS, 3, 7).map((chord) => chord.startSeconds)).toEqual([2, 4, 6]);
    expect(visible(CHORDS, 0, 100)).toHaveLength(5);
  });

  it('is nothing of what only touches the edges', () => {
    expect(visible(CHORDS, 4, 6).map((chord) => chord.startSeconds)).toEqual([4]);
    expect(visible(CHORDS, 10, 20)).toEqual([]);
    expect(visible([], 0, 1)).toEqual([]);
  });

  it('agrees with looking at each of very many', () => {
    const many = Array.from({ length: 2_000 }, (_, i) => ({ startSeconds: i * 0.45, endSeconds: (i + 1) * 0.45 }));
    const seen = many.filter((one) => one.endSeconds > 123.4 && one.startSeconds < 150.1);
    expect(visible(many, 123.4, 150.1)).toEqual(seen);
  });
});

describe('moments', () => {
  it('are found from the first to the last in sight', () => {
    expect(momentsWithin(BEATS, 1, 2)).toEqual([1, 4]);
    expect(momentsWithin(BEATS, 3, 4)).toEqual([5, 5]);
  });

  it('are found by nearness', () => {
    expect([0, 0.74, 0.76, 1.5, 9].map((at) => nearest(BEATS, at))).toEqual([0, 0, 1, 2, 4]);
    expect(nearest([], 1)).toBe(-1);
  });
});

describe('indexAt', () => {
  it('says what there is at a moment', () => {
    expect([0, 1.99, 2, 9.9, 10].map((at) => indexAt(CHORDS, at))).toEqual([0, 0, 1, 4, -1]);
    expect(indexAt([{ startSeconds: 1, endSeconds: 2 }], 0.5)).toBe(-1);
  });
});
