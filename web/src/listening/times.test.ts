import { expect, test } from 'vitest';
import { clock, spoken } from './times';

test('times for the eye', () => {
  expect([0, 59.99, 60, 187.4, 3600].map((seconds) => clock(seconds))).toEqual([
    '0:00',
    '0:59',
    '1:00',
    '3:07',
    '60:00',
  ]);
  expect([0, 59.99, 7.4].map((seconds) => clock(seconds, true))).toEqual(['0:00.0', '0:59.9', '0:07.4']);
});

test('times for the ear', () => {
  expect([0, 1, 60, 61, 187].map(spoken)).toEqual([
    '0 seconds',
    '1 second',
    '1 minute',
    '1 minute 1 second',
    '3 minutes 7 seconds',
  ]);
});
