import { expect, it } from 'vitest';
import { Pace } from './pace';

it('tells how long the rest takes at the pace of the last seconds', () => {
  const pace = new Pace();
  expect(pace.secondsLeft(0, 1000, 0)).toBeUndefined();
  expect(pace.secondsLeft(100, 1000, 1000)).toBeUndefined(); // too early to say
  expect(pace.secondsLeft(200, 1000, 2000)).toBeCloseTo(8);
});

it('forgets how it went long ago', () => {
  const pace = new Pace();
  pace.secondsLeft(0, 1000, 0);
  for (let second = 10; second <= 20; second++) pace.secondsLeft(second - 10, 1000, second * 1000);
  expect(pace.secondsLeft(11, 1000, 21_000)).toBeCloseTo(989);
});

it('begins anew when bytes have to be sent again', () => {
  const pace = new Pace();
  pace.secondsLeft(0, 1000, 0);
  pace.secondsLeft(500, 1000, 2000);
  expect(pace.secondsLeft(100, 1000, 3000)).toBeUndefined();
});
