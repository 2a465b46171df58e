import { expect, test } from 'vitest';
import { crc8, crc16 } from './crc';

// The check values that catalogues of CRCs give for "123456789".
const DIGITS = new TextEncoder().encode('123456789');

test('the check sums are those of RFC 9639', () => {
  expect(crc8(DIGITS, 0, DIGITS.length)).toBe(0xf4);
  expect(crc16(0, DIGITS, 0, DIGITS.length)).toBe(0xfee8);
});

test('a check sum can be taken in parts', () => {
  expect(crc16(crc16(0, DIGITS, 0, 4), DIGITS, 4, 9)).toBe(0xfee8);
});
