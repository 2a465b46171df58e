import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { type Analysis, AnalysisSchema, Mode } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { anticipated, type Correction, correctionRequest, isSaid } from './corrections';

const HEARD: Analysis = create(AnalysisSchema, {
  trackId: 'song',
  tempo: {
    bpm: 64,
    confidence: 0.7,
    candidates: [
      { bpm: 64, share: 0.7 },
      { bpm: 128, share: 0.3 },
    ],
    steady: true,
  },
  key: { tonic: 6, mode: Mode.MINOR, name: 'F# minor', camelot: '11A', confidence: 0.5 },
  timeSignature: { numerator: 4, denominator: 4, confidence: 0.9 },
});

describe('correctionRequest', () => {
  it('names in the mask only what is said', () => {
    const request = correctionRequest('song', { field: 'tempo', said: 128 });
    expect(request.updateMask).toEqual({ paths: ['tempo'] });
    expect(request.corrections?.tempo?.tempo).toEqual({ case: 'bpm', value: 128 });
    expect(request.corrections?.key).toBeUndefined();
  });

  it.each<Correction>([
    { field: 'tempo', said: null },
    { field: 'downbeat_seconds', said: null },
    { field: 'key', said: null },
    { field: 'time_signature', said: null },
  ])('takes $field back by leaving it out', (correction) => {
    const { corrections, updateMask } = correctionRequest('song', correction);
    expect(updateMask).toEqual({ paths: [correction.field] });
    expect([corrections?.tempo, corrections?.downbeatSeconds, corrections?.key, corrections?.timeSignature]).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('says a bar that begins with the song', () => {
    expect(correctionRequest('song', { field: 'downbeat_seconds', said: 0 }).corrections?.downbeatSeconds).toBe(0);
  });
});

describe('anticipated', () => {
  it('shows what is said as certain, and keeps what was heard', () => {
    const shown = anticipated(HEARD, { field: 'tempo', said: 128 });
    expect(shown.tempo).toMatchObject({ bpm: 128, confidence: 1, steady: true });
    expect(shown.heard?.tempo).toMatchObject({ bpm: 64, confidence: 0.7 });
    expect(isSaid(shown, 'tempo')).toBe(true);
    expect(HEARD.tempo?.bpm).toBe(64);
  });

  it('names a key as musicians do', () => {
    const shown = anticipated(HEARD, { field: 'key', said: { tonic: 3, mode: Mode.MAJOR } });
    expect(shown.key).toMatchObject({ name: 'Eb major', camelot: '5B', confidence: 1 });
  });

  it('is as before when all is taken back', () => {
    const said = anticipated(anticipated(HEARD, { field: 'tempo', said: 128 }), {
      field: 'key',
      said: { tonic: 0, mode: Mode.MAJOR },
    });
    const half = anticipated(said, { field: 'tempo', said: null });
    expect(half.tempo).toEqual(HEARD.tempo);
    expect([isSaid(half, 'tempo'), isSaid(half, 'key')]).toEqual([false, true]);
    const none = anticipated(half, { field: 'key', said: null });
    expect(none.key).toEqual(HEARD.key);
    expect(none.corrections).toBeUndefined();
  });

  it('does not take what was said for what was heard', () => {
    const twice = anticipated(anticipated(HEARD, { field: 'tempo', said: 128 }), { field: 'tempo', said: 256 });
    expect(twice.heard?.tempo?.bpm).toBe(64);
  });
});
