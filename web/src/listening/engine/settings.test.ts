import { expect, test } from 'vitest';
import { audibleKeys, decibelsOf, factorOf } from './settings';

const voice = (key: string, mute = false, solo = false) => ({ key, mute, solo });

test('muted voices are not heard; where one is soloed, the others are not', () => {
  expect([...audibleKeys([voice('a'), voice('b', true)])]).toEqual(['a']);
  expect([...audibleKeys([voice('a'), voice('b', false, true), voice('c', false, true)])]).toEqual(['b', 'c']);
  expect([...audibleKeys([voice('a'), voice('b', true, true)])]).toEqual([]);
});

test('decibels', () => {
  expect(factorOf(0)).toBe(1);
  expect(factorOf(-20)).toBeCloseTo(0.1, 12);
  expect(decibelsOf(0.5)).toBeCloseTo(-6.0206, 4);
});
