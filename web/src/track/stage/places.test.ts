import { describe, expect, it } from 'vitest';
import { beatFrom, partFrom, placeFor, whereWords } from './places';

const PARTS = [
  { startSeconds: 0, endSeconds: 10, label: 'A' },
  { startSeconds: 10, endSeconds: 20, label: 'B' },
  { startSeconds: 20, endSeconds: 30, label: 'A' },
];
const BEATS = [0, 1, 2, 3, 4];
const SONG = { sections: PARTS, beats: BEATS, duration: 30 };

describe('placeFor', () => {
  it('goes five seconds with arrows, within the song', () => {
    expect(placeFor('ArrowRight', false, 3, SONG)).toBe(8);
    expect(placeFor('ArrowLeft', false, 3, SONG)).toBe(0);
    expect([placeFor('Home', false, 3, SONG), placeFor('End', false, 3, SONG)]).toEqual([0, 30]);
  });

  it('goes a beat with Shift', () => {
    expect(placeFor('ArrowRight', true, 1, SONG)).toBe(2);
    expect(placeFor('ArrowLeft', true, 1.6, SONG)).toBe(1);
  });

  it('goes from part to part, or half a minute where there are none', () => {
    expect(placeFor('PageUp', false, 3, SONG)).toBe(10);
    expect(placeFor('PageDown', false, 11, SONG)).toBe(0);
    expect(placeFor('PageDown', false, 17, SONG)).toBe(10);
    expect(placeFor('PageUp', false, 25, SONG)).toBe(25);
    expect(placeFor('PageUp', false, 3, { ...SONG, sections: [], duration: 90 })).toBe(33);
  });

  it('leaves other keys alone', () => {
    expect(placeFor('a', false, 3, SONG)).toBeUndefined();
  });
});

describe('parts and beats', () => {
  it('end somewhere', () => {
    expect(partFrom(PARTS, 25, 1)).toBeUndefined();
    expect(beatFrom(BEATS, 4, 1)).toBeUndefined();
    expect(beatFrom([], 1, 1)).toBeUndefined();
  });

  it('are named for those who do not see them', () => {
    expect(whereWords(12, PARTS, [{ startSeconds: 0, endSeconds: 30, name: 'Am' }])).toBe('part B, chord Am');
    expect(whereWords(12, [], [{ startSeconds: 0, endSeconds: 30, name: 'N' }])).toBe('');
  });
});
