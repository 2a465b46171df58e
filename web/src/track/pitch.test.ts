import { describe, expect, it } from 'vitest';
import { Mode } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { camelotOf, circleOfFifths, keyOf, keyWords, sameKey, tonicName } from './pitch';

describe('keys', () => {
  it.each([
    [0, Mode.MAJOR, 'C major', '8B'],
    [9, Mode.MINOR, 'A minor', '8A'],
    [6, Mode.MINOR, 'F# minor', '11A'],
    [8, Mode.MINOR, 'G# minor', '1A'],
    [1, Mode.MAJOR, 'Db major', '3B'],
    [4, Mode.MAJOR, 'E major', '12B'],
  ] as const)('are named and placed as the API does: %i %i', (tonic, mode, words, camelot) => {
    expect([keyWords({ tonic, mode }), camelotOf({ tonic, mode })]).toEqual([words, camelot]);
  });

  it('lie on the circle of fifths, relatives at one place', () => {
    const [major, minor] = [circleOfFifths(Mode.MAJOR), circleOfFifths(Mode.MINOR)];
    expect(major.map(tonicName)).toEqual(['C', 'G', 'D', 'A', 'E', 'B', 'F#', 'Db', 'Ab', 'Eb', 'Bb', 'F']);
    expect(
      major.map(
        (key, place) => Number.parseInt(camelotOf(key), 10) === Number.parseInt(camelotOf(minor[place] ?? key), 10),
      ),
    ).not.toContain(false);
    expect(new Set(minor.map(tonicName)).size).toBe(12);
  });

  it('of an answer are those that are known', () => {
    expect(keyOf({ tonic: 0, mode: Mode.UNSPECIFIED })).toBeUndefined();
    expect(sameKey(keyOf({ tonic: 5, mode: Mode.MINOR }), { tonic: 5, mode: Mode.MINOR })).toBe(true);
    expect(sameKey(undefined, undefined)).toBe(false);
  });
});
