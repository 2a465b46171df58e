import { expect, test } from 'vitest';
import { gainWords, panWords } from './words';

test('levels and places in words', () => {
  expect([0, -3, 2.5, -60].map(gainWords)).toEqual(['0 dB', '−3 dB', '+2.5 dB', 'silent']);
  expect([0, -0.3, 1, 0.001].map(panWords)).toEqual(['centre', '30 % left', '100 % right', 'centre']);
});
