import { describe, expect, it } from 'vitest';
import { ArrangeMode, FusionFormat, KeyMode, LengthPolicy, MatchMode } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import type { Voice } from '@/mixer/mix';
import { attemptFor } from './attempt';
import { type Choices, USUAL } from './choices';
import { fingerprint, fusionRequest, previewRequest, stemsOf, suggestionRequest } from './request';

const voice = (trackId: string, type: Voice['type'], more: Partial<Voice> = {}): Voice => ({
  key: `${trackId}/${type}`,
  trackId,
  type,
  gainDb: 0,
  pan: 0,
  mute: false,
  solo: false,
  ...more,
});
const TWO = [voice('a', 'vocals', { gainDb: -3, pan: 0.5, solo: true }), voice('b', 'drums', { mute: true })];
const asked = (choices: Partial<Choices>, voices = TWO) => fusionRequest(voices, { ...USUAL, ...choices }, 1, 'Mine');

describe('stems', () => {
  it('have the faders of the mix', () => {
    const [vocals, drums] = stemsOf(TWO, {});
    expect(vocals).toMatchObject({ trackId: 'a', type: 'vocals', gainDb: -3, pan: 0.5, mute: false, solo: true });
    expect(drums).toMatchObject({ trackId: 'b', type: 'drums', mute: true, solo: false });
  });

  it('keep what an earlier version said of them, under the faders of now', () => {
    const [vocals] = stemsOf(TWO, { 'a/vocals': { semitones: 2, gainDb: 6, effects: { preset: 'hall' } } });
    expect(vocals).toMatchObject({ semitones: 2, gainDb: -3, effects: { preset: 'hall' } });
  });
});

describe('matching', () => {
  it('is in tempo and key, automatic, arranged and balanced, unless said otherwise', () => {
    const { match, balance, length, title } = asked({});
    expect(match).toMatchObject({ mode: MatchMode.TEMPO_AND_KEY, arrange: ArrangeMode.AUTOMATIC });
    expect(match?.tempo.case).toBeUndefined();
    expect(match?.key.case).toBeUndefined();
    expect({ balance, policy: length?.policy, title }).toEqual({
      balance: true,
      policy: LengthPolicy.LONGEST,
      title: 'Mine',
    });
  });

  it('goes where it is told', () => {
    const given = asked({ tempo: { by: 'bpm', bpm: 98.5 }, key: { by: 'key', tonic: 9, minor: true } }).match;
    expect(given?.tempo).toEqual({ case: 'bpm', value: 98.5 });
    expect(given?.key.value).toMatchObject({ tonic: 9, mode: KeyMode.MINOR });
    const ofSong = asked({ tempo: { by: 'track', trackId: 'b' }, key: { by: 'track', trackId: 'a' } }).match;
    expect(ofSong?.tempo).toEqual({ case: 'tempoTrackId', value: 'b' });
    expect(ofSong?.key).toEqual({ case: 'keyTrackId', value: 'a' });
  });

  it('forgets targets that it can’t have: of a song that left, without keys, without anything', () => {
    const gone = { tempo: { by: 'track', trackId: 'x' }, key: { by: 'track', trackId: 'x' } } as const;
    const given = { tempo: { by: 'bpm', bpm: 98 }, key: { by: 'key', tonic: 0, minor: false } } as const;
    for (const { match } of [asked(gone), asked({ ...given, matching: 'none' })]) {
      expect([match?.tempo.case, match?.key.case]).toEqual([undefined, undefined]);
    }
    const { match } = asked({ ...given, matching: 'tempo' });
    expect([match?.tempo.case, match?.key.case]).toEqual(['bpm', undefined]);
  });

  it('has no plan to choose where nothing is matched, and bars only on a beat', () => {
    expect(fusionRequest(TWO, { ...USUAL, matching: 'none' }, 3, '').choice).toBe(0);
    expect(fusionRequest(TWO, USUAL, 3, '').choice).toBe(3);
    expect(asked({ length: 'bars', bars: 16 }).length).toMatchObject({ policy: LengthPolicy.BARS, bars: 16 });
    expect(asked({ length: 'bars', bars: 16, matching: 'none' }).length).toMatchObject({
      policy: LengthPolicy.LONGEST,
      bars: 0,
    });
    expect(asked({ length: 'shortest' }).length).toMatchObject({ policy: LengthPolicy.SHORTEST, bars: 0 });
  });

  it('balances nothing where there is one song', () => {
    expect(asked({}, [voice('a', 'vocals'), voice('a', 'bass')]).balance).toBe(false);
  });

  it('is the same for plans and for the song', () => {
    const choices: Choices = { ...USUAL, matching: 'full', tempo: { by: 'bpm', bpm: 100 }, length: 'shortest' };
    const [plans, song] = [suggestionRequest(TWO, choices), fusionRequest(TWO, choices, 1, '')];
    expect([plans.stems, plans.match, plans.length]).toEqual([song.stems, song.match, song.length]);
  });
});

describe('output', () => {
  it('is WAV, FLAC and MP3 at −14 LUFS', () => {
    const { output } = asked({});
    expect(output?.encodings.map(({ format }) => format)).toEqual([
      FusionFormat.WAV,
      FusionFormat.FLAC,
      FusionFormat.MP3,
    ]);
    expect(output).toMatchObject({ loudnessLufs: -14, unmastered: false, cover: false });
    expect(output?.tags).toBeUndefined();
  });

  it('is what is chosen', () => {
    const { output } = asked({
      formats: ['flac', 'stems'],
      qualities: { flac: '16' },
      loudness: undefined,
      artist: ' Ada ',
      cover: true,
    });
    expect(output?.encodings).toMatchObject([
      { format: FusionFormat.FLAC, bits: 16 },
      { format: FusionFormat.STEMS_ZIP },
    ]);
    expect(output).toMatchObject({ unmastered: true, cover: true, tags: { artist: 'Ada' } });
    expect(output?.loudnessLufs).toBeUndefined();
  });

  it('of a preview is one small file of the part that is listened to', () => {
    const { output, preview, title, parentFusionId } = previewRequest(
      TWO,
      { ...USUAL, previewStart: 42, parentFusionId: 'p' },
      2,
    );
    expect(output?.encodings).toMatchObject([{ format: FusionFormat.FLAC, bits: 16 }]);
    expect(preview).toMatchObject({ startSeconds: 42, durationSeconds: 15 });
    expect({ title, parentFusionId }).toEqual({ title: '', parentFusionId: '' });
  });
});

describe('an attempt', () => {
  it('keeps its key as long as the wish is the same', () => {
    const first = attemptFor(undefined, fingerprint(asked({})));
    expect(first.key).toMatch(/^[0-9a-f]{32}$/);
    expect(attemptFor(first, fingerprint(asked({})))).toEqual(first);
    expect(attemptFor(first, fingerprint(asked({ cover: true }))).key).not.toBe(first.key);
  });

  it('does not depend on the key that a request already has', () => {
    const request = asked({});
    expect(fingerprint({ ...request, idempotencyKey: 'k' })).toBe(fingerprint(request));
  });
});
