import { expect, test } from 'vitest';
import { Course, type CoursePlan, type Part } from './course';

const PLAN: CoursePlan = { from: 0, end: 1000, loop: null, speed: 1, grid: 256 };

function parts(plan: Partial<CoursePlan>, count: number): Part[] {
  const course = new Course({ ...PLAN, ...plan });
  const found: Part[] = [];
  for (let part = course.next(); part && found.length < count; part = course.next()) found.push(part);
  return found;
}

test('a song is cut at the grid, wherever one begins', () => {
  expect(parts({ from: 100 }, 9)).toEqual([
    { position: 100, frames: 156, after: 0 },
    { position: 256, frames: 256, after: 156 },
    { position: 512, frames: 256, after: 412 },
    { position: 768, frames: 232, after: 668 },
  ]);
});

test('a loop goes round for ever, from wherever it is entered', () => {
  const played = parts({ from: 100, loop: { start: 200, end: 300 } }, 6);
  expect(played.map(({ position, frames }) => [position, frames])).toEqual([
    [100, 156],
    [256, 44],
    [200, 56],
    [256, 44],
    [200, 56],
    [256, 44],
  ]);
  expect(played.map((part) => part.after)).toEqual([0, 156, 200, 256, 300, 356]);
});

test('behind its loop a song goes on to its end', () => {
  expect(parts({ from: 900, loop: { start: 200, end: 300 } }, 9)).toEqual([{ position: 900, frames: 100, after: 0 }]);
});

test('a loop ends with the song at the latest', () => {
  expect(parts({ from: 900, loop: { start: 900, end: 5000 } }, 3).map((part) => part.position)).toEqual([
    900, 900, 900,
  ]);
  expect(parts({ from: 900, loop: { start: 2000, end: 5000 } }, 3).map((part) => part.position)).toEqual([900]);
});

test('there is nothing behind the end', () => {
  expect(parts({ from: 1000 }, 3)).toEqual([]);
  expect(parts({ from: 4000 }, 3)).toEqual([]);
});

test.each([
  [{ from: 0 }],
  [{ from: 333 }],
  [{ from: 50, loop: { start: 200, end: 777 } }],
  [{ from: 250, loop: { start: 200, end: 210 } }],
  [{ from: 999, loop: { start: 0, end: 1000 } }],
])('the position after some frames is that of the part that plays then: %o', (plan) => {
  const course = new Course({ ...PLAN, ...plan });
  for (const part of parts(plan, 40)) {
    for (const into of [0, Math.floor(part.frames / 2), part.frames - 1]) {
      expect(course.positionAfter(part.after + into)).toBe(part.position + into);
    }
  }
});

test('the song stands still at its end, and before its beginning', () => {
  const course = new Course({ ...PLAN, from: 900 });
  expect(course.positionAfter(5000)).toBe(1000);
  expect(course.positionAfter(-5)).toBe(900);
});

test('after a day of looping nothing has drifted', () => {
  const course = new Course({ ...PLAN, end: 13_230_000, loop: { start: 1, end: 44_100 } });
  const day = 86_400 * 44_100;
  expect(course.positionAfter(day)).toBe(1 + ((day - 44_100) % 44_099));
});
