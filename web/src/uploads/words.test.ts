import { expect, it } from 'vitest';
import { anUpload } from './upload';
import { leftWords, phaseWords, sizeWords } from './words';

it('says sizes', () => {
  expect([950, 31_400_000, 1_204_000_000].map(sizeWords)).toEqual(['1 kB', '31.4 MB', '1.20 GB']);
});

it('says what is left', () => {
  expect([undefined, Number.POSITIVE_INFINITY, 3, 42, 61, 150].map(leftWords)).toEqual([
    '',
    '',
    'a few seconds left',
    'about 40 seconds left',
    'about 1 minute left',
    'about 3 minutes left',
  ]);
});

it('says how far an upload is', () => {
  const kept = { key: 'k', name: 'n', sizeBytes: 20_000_000, trackId: undefined, sha256: undefined };
  const sending = { ...anUpload(kept, 'sending'), there: 5_000_000 };
  expect(phaseWords(sending)).toBe('Uploading: 25 % of 20.0 MB');
  expect(phaseWords({ ...sending, secondsLeft: 30 })).toBe('Uploading: 25 % of 20.0 MB · about 30 seconds left');
  expect(phaseWords({ ...sending, phase: 'reading', read: 10_000_000 })).toBe('Getting ready: 50 % of 20.0 MB');
});
