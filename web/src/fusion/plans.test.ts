// @vitest-environment jsdom
import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { PlanSchema } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { TrackCardSchema } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import type { Voice } from '@/mixer/mix';
import { USUAL } from './choices';
import { rankOf, songSeconds } from './plans';

const VOICES = ['a', 'b'].map((trackId) => ({ key: `${trackId}/bass`, trackId, type: 'bass' }) as Voice);
const SONGS = new Map(
  [
    ['a', 100],
    ['b', 240],
  ].map(([trackId, durationSeconds]) => [
    String(trackId),
    create(TrackCardSchema, { trackId: String(trackId), durationSeconds: Number(durationSeconds) }),
  ]),
);
const PLAN = create(PlanSchema, { tempoBpm: 120, beatsPerBar: 4, tracks: [{ trackId: 'b', speed: 1.2 }] });

describe('the chosen plan', () => {
  it('is the best of a wish that it was not chosen for', () => {
    expect(rankOf({ wish: 'w', rank: 3 }, 'w')).toBe(3);
    expect(rankOf({ wish: 'w', rank: 3 }, 'other')).toBe(1);
    expect(rankOf(null, 'w')).toBe(1);
  });
});

describe('the length of a song', () => {
  it('is that of its longest or shortest song as it is played, or of so many bars', () => {
    expect(songSeconds(PLAN, VOICES, SONGS, USUAL)).toBe(200);
    expect(songSeconds(PLAN, VOICES, SONGS, { ...USUAL, length: 'shortest' })).toBe(100);
    expect(songSeconds(PLAN, VOICES, SONGS, { ...USUAL, length: 'bars', bars: 16 })).toBe(32);
    expect(songSeconds(undefined, VOICES, SONGS, USUAL)).toBe(240);
  });

  it('is unknown as long as the songs are', () => {
    expect(songSeconds(PLAN, VOICES, new Map(), USUAL)).toBeUndefined();
  });
});
