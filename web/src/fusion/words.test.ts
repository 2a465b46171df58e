import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { CollisionSchema, PlanSchema, TrackPlanSchema } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import {
  bendOf,
  clock,
  collisionWords,
  etaWords,
  keysRub,
  pitchWords,
  sharedWarnings,
  speedWords,
  targetWords,
  trackWords,
} from './words';

const plan = (shape: MessageInitShape<typeof PlanSchema>) => create(PlanSchema, shape);
const bent = (...points: number[]) =>
  bendOf(plan({ tracks: [{ damages: points.map((stretch) => ({ stretch, pitch: 0 })) }] }));

describe('how much is bent', () => {
  it.each([
    [0, 'none'],
    [0.3, 'hardly'],
    [0.7, 'slightly'],
    [1, 'noticeably'],
    [2.4, 'noticeably'],
    [3, 'clearly'],
  ])('%s points are %s', (points, words) => expect(bent(points)).toBe(words));

  it('is that of the voice that loses most, however many lose a little', () => {
    expect(bent(0.3, 0.3, 0.3, 0.3, 0.3)).toBe('hardly');
    expect(bent(0, 1.2)).toBe('noticeably');
  });

  it('counts both tempo and pitch of a voice', () => {
    expect(bendOf(plan({ tracks: [{ damages: [{ stretch: 0.6, pitch: 0.6 }] }] }))).toBe('noticeably');
  });

  it('is nothing without songs, and keys are another thing', () => {
    expect(bendOf(plan({}))).toBe('none');
    expect(keysRub(undefined)).toBe(false);
    expect(keysRub(plan({ cost: { clash: 3 } }).cost)).toBe(true);
  });
});

describe('what happens to a song', () => {
  it.each([
    [1, 'keeps its tempo'],
    [1.0004, 'keeps its tempo'],
    [1.042, 'played 4.2 % faster'],
    [0.96, 'played 4 % slower'],
    [1.25, 'played 25 % faster'],
  ])('speed %s: %s', (speed, words) => expect(speedWords(speed)).toBe(words));

  it.each([
    [0, 0, 'stays as high as it is'],
    [2, 0, '2 semitones higher'],
    [-1, 12, '1 semitone lower'],
    [0, 12.4, 'tuned 12 cents up'],
    [0, -7, 'tuned 7 cents down'],
  ])('%s semitones and %s cents: %s', (semitones, cents, words) => expect(pitchWords(semitones, cents)).toBe(words));

  it('is said in full', () => {
    const track = create(TrackPlanSchema, {
      speed: 1.04,
      levelFactor: 0.5,
      semitones: 2,
      key: { name: 'A minor' },
      balanceDb: -1.52,
    });
    expect(trackWords(track)).toEqual([
      'played 4 % faster',
      'counted in half time',
      '2 semitones higher, in A minor',
      '1.5 dB softer',
    ]);
  });
});

describe('a plan', () => {
  it('is called by tempo and key, as far as they are matched', () => {
    expect(targetWords(plan({ tempoBpm: 98.04, key: { name: 'A minor' } }))).toBe('98 BPM · A minor');
    expect(targetWords(plan({ tempoBpm: 98.55 }))).toBe('98.5 BPM');
    expect(targetWords(plan({}))).toBe('');
  });

  it('says where two of a kind meet, and what is done about it', () => {
    const spans = [12, 60, 90, 120].map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 8 }));
    const meeting = create(CollisionSchema, { role: 'vocals', spans, remedy: 'turns', certain: true });
    expect(collisionWords(meeting)).toBe(
      'Two singers meet at 0:12–0:20, 1:00–1:08, 1:30–1:38 and 1 more times. They take turns.',
    );
    const unsure = create(CollisionSchema, { role: 'drums', remedy: 'low_cut' });
    expect(collisionWords(unsure)).toBe('Two drummers may meet. One loses its lowest notes there.');
  });
});

describe('time', () => {
  it('is told in minutes and seconds', () =>
    expect([0, 59.9, 61, 3671].map(clock)).toEqual(['0:00', '0:59', '1:01', '61:11']));

  it('that is left is told roughly, or not at all', () => {
    expect([undefined, Number.NaN, 3, 34, 58, 170].map(etaWords)).toEqual([
      '',
      '',
      ', a few seconds left',
      ', about 30 seconds left',
      ', about 1 minute left',
      ', about 3 minutes left',
    ]);
  });
});

describe('warnings of several plans', () => {
  const warned = (rank: number, ...messages: string[]) =>
    plan({ rank, warnings: messages.map((message) => ({ message })) });

  it('are said once where they hold for all', () => {
    const { shared, own } = sharedWarnings([warned(1, 'both', 'one'), warned(2, 'both', 'other')]);
    expect(shared).toEqual(['both']);
    expect([own.get(1), own.get(2)]).toEqual([['one'], ['other']]);
  });

  it('stay with a plan that is alone', () => {
    const { shared, own } = sharedWarnings([warned(1, 'one')]);
    expect([shared, own.get(1)]).toEqual([[], ['one']]);
    expect(sharedWarnings([]).shared).toEqual([]);
  });
});
