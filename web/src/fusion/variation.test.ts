import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  ArrangeMode,
  FusionFormat,
  FusionSchema,
  KeyMode,
  LengthPolicy,
  MatchMode,
} from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { wishOf } from './again';
import { type Choices, USUAL } from './choices';
import { fusionRequest } from './request';
import { variationOf } from './variation';

const FUSION = create(FusionSchema, {
  fusionId: 'f',
  title: 'Mine',
  stems: [
    {
      stemId: '1',
      trackId: 'a',
      type: 'vocals',
      gainDb: -3,
      pan: 0.25,
      solo: true,
      effects: { preset: 'hall' },
      semitones: 1,
    },
    { stemId: '2', trackId: 'b', type: 'drums' },
  ],
  match: {
    mode: MatchMode.FULL,
    arrange: ArrangeMode.AUTOMATIC,
    tempo: { case: 'bpm', value: 98 },
    key: { case: 'targetKey', value: { tonic: 9, mode: KeyMode.MINOR } },
  },
  length: { policy: LengthPolicy.BARS, bars: 24 },
  output: {
    encodings: [
      { format: FusionFormat.FLAC, bits: 16 },
      { format: FusionFormat.MP3, quality: 0 },
    ],
    loudnessLufs: -12,
    cover: true,
    tags: { artist: 'Ada' },
  },
  balance: true,
  plan: { rank: 2 },
});

describe('a variation', () => {
  it('begins with all that was chosen', () => {
    const { stems, choices, rank, left } = variationOf(FUSION);
    expect(stems).toEqual([
      { trackId: 'a', type: 'vocals', gainDb: -3, pan: 0.25, mute: false, solo: true },
      { trackId: 'b', type: 'drums', gainDb: 0, pan: 0, mute: false, solo: false },
    ]);
    expect(choices).toMatchObject({
      matching: 'full',
      tempo: { by: 'bpm', bpm: 98 },
      key: { by: 'key', tonic: 9, minor: true },
      arrange: true,
      balance: true,
      length: 'bars',
      bars: 24,
      formats: ['flac', 'mp3'],
      qualities: { flac: '16' },
      loudness: -12,
      cover: true,
      artist: 'Ada',
      parentFusionId: 'f',
      kept: { 'a/vocals': { effects: { preset: 'hall' }, semitones: 1 } },
    } satisfies Partial<Choices>);
    expect({ rank, left }).toEqual({ rank: 2, left: 0 });
  });

  it('asks for the same song, but for its parent', () => {
    const { stems, choices, rank } = variationOf(FUSION);
    const voices = stems.map((stem) => ({ ...stem, key: `${stem.trackId}/${stem.type}` }));
    const again = fusionRequest(voices, choices, rank, 'Mine');
    const { stems: asked, ...wish } = wishOf(FUSION) ?? {};
    expect(again).toMatchObject({ ...wish, parentFusionId: 'f' });
    expect(again.stems).toEqual(asked?.map((stem) => ({ ...stem, stemId: '' })));
  });

  it('of a plain fusion is plain', () => {
    const plain = create(FusionSchema, { stems: [{ trackId: 'a', type: 'vocals' }], output: { unmastered: true } });
    const { choices } = variationOf(plain);
    expect(choices).toMatchObject({ matching: 'none', arrange: false, balance: false, length: 'longest', kept: {} });
    expect(choices.loudness).toBeUndefined();
    expect(choices.formats).toEqual(USUAL.formats);
    expect([choices.tempo.by, choices.key.by]).toEqual(['automatic', 'automatic']);
  });

  it('follows the songs that targets were taken from', () => {
    const match: MessageInitShape<typeof FusionSchema>['match'] = {
      mode: MatchMode.TEMPO_AND_KEY,
      tempo: { case: 'tempoTrackId', value: 'a' },
      key: { case: 'keyTrackId', value: 'b' },
    };
    const { choices } = variationOf(create(FusionSchema, { match }));
    expect(choices).toMatchObject({
      matching: 'key',
      tempo: { by: 'track', trackId: 'a' },
      key: { by: 'track', trackId: 'b' },
    });
  });

  it('leaves out what can’t be mixed', () => {
    const residual = create(FusionSchema, {
      stems: [
        { trackId: 'a', type: 'residual' },
        { trackId: 'a', type: 'bass' },
      ],
    });
    expect(variationOf(residual)).toMatchObject({ left: 1, stems: [{ type: 'bass' }] });
  });
});

describe('the same wish once more', () => {
  it('is not known of what a receipt asked for', () => {
    expect(wishOf(create(FusionSchema, { stems: [{ trackId: 'a', type: 'bass' }] }))).toBeUndefined();
  });
});
