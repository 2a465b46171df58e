import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { EncodingSchema, FusionFormat } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { encodingOf, FORMATS, formatOf, playedOf, qualityOf, sizeOf } from './formats';

describe('formats', () => {
  it('are all that the API knows', () => {
    const known = Object.values(FusionFormat).filter((each) => typeof each === 'number' && each !== 0);
    expect(FORMATS.map(({ number }) => number).sort()).toEqual(known.sort());
    expect(formatOf(FusionFormat.UNSPECIFIED)).toBeUndefined();
  });

  it('bring their qualities to the API and back', () => {
    for (const { name, qualities } of FORMATS) {
      for (const { id } of qualities.slice(1)) expect(qualityOf(encodingOf(name, id))).toBe(id);
      expect(qualityOf(encodingOf(name))).toBeUndefined();
      expect(encodingOf(name, 'nonsense')).toEqual(encodingOf(name));
    }
    expect(qualityOf(create(EncodingSchema, { format: FusionFormat.MP3, quality: 5 }))).toBeUndefined();
  });

  it('are played from the smallest file that the browser plays', () => {
    const made = [FusionFormat.WAV, FusionFormat.FLAC, FusionFormat.MP3, FusionFormat.STEMS_ZIP];
    expect(playedOf(made, () => true)?.name).toBe('mp3');
    expect(playedOf(made, (type) => type === 'audio/flac')?.name).toBe('flac');
    expect(playedOf([FusionFormat.STEMS_ZIP], () => true)).toBeUndefined();
    expect(playedOf(made, () => false)).toBeUndefined();
  });
});

describe('sizes', () => {
  it.each([
    [12n, '1 kB'],
    [640_000n, '640 kB'],
    [4_240_000n, '4.2 MB'],
    [1_500_000_000n, '1.50 GB'],
  ])('%s bytes are %s', (bytes, words) => expect(sizeOf(bytes)).toBe(words));
});
