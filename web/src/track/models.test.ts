import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ModelSchema, Quality } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { artefactWords, qualityChoices } from './models';

const small = create(ModelSchema, {
  name: 'small',
  present: true,
  qualities: [Quality.DRAFT, Quality.STANDARD],
  relativeCost: 1,
  sdrDb: 0,
});
const large = create(ModelSchema, {
  name: 'large',
  present: false,
  qualities: [Quality.BEST],
  relativeCost: 4,
  sdrDb: 9.2,
  verified: true,
});

describe('qualityChoices', () => {
  it('offers only what is installed', () => {
    expect(qualityChoices([small, large]).map(({ label, model }) => [label, model.name])).toEqual([
      ['Draft', 'small'],
      ['Standard', 'small'],
    ]);
    expect(qualityChoices([small, { ...large, present: true }]).at(-1)?.hint).toContain('4 times as long');
  });
});

describe('artefactWords', () => {
  it('says what is to be heard, and what nobody knows', () => {
    expect(artefactWords(large)).toMatch(/^Clean stems/);
    expect(artefactWords(small)).toMatch(/not been published.*Nobody here has checked/);
    expect(artefactWords({ sdrDb: 5, verified: true })).toMatch(/^Rough/);
  });
});
