import { expect, it } from 'vitest';
import { keyWords, lengthWords, tempoWords } from './facts';

it('says lengths, tempi and keys, and how sure they are', () => {
  expect(lengthWords(187.4)).toBe('3:07');
  expect(lengthWords(59.6)).toBe('1:00');
  expect(tempoWords({ tempoBpm: 120.04, tempoConfidence: 0.9 })).toBe('120 BPM');
  expect(tempoWords({ tempoBpm: 98.46, tempoConfidence: 0.2 })).toBe('about 98.5 BPM');
  expect(tempoWords({})).toBe('');
  expect(keyWords({ key: 'F# minor', keyConfidence: 0.9 })).toBe('F♯ minor');
  expect(keyWords({ key: 'Bb major', keyConfidence: 0.3 })).toBe('perhaps B♭ major');
  expect(keyWords({ key: '' })).toBe('');
});
