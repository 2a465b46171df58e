/** Something that lasts. Seconds. */
export interface Lasting {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** The first index of an ascending list whose value is not less than `value`; its length if there is none. */
export function firstFrom(ascending: readonly number[], value: number): number {
  return search(ascending.length, (i) => (ascending[i] ?? 0) >= value);
}

/** Which of moments in ascending order lie within `start` and `end`, as indices: from the first on, before the second. */
export function momentsWithin(ascending: readonly number[], start: number, end: number): readonly [number, number] {
  return [firstFrom(ascending, start), search(ascending.length, (i) => (ascending[i] ?? 0) > end)];
}

/** Those of things in the order of time, none over another, that can be seen between `start` and `end`. */
export function visible<T extends Lasting>(ordered: readonly T[], start: number, end: number): readonly T[] {
  const first = search(ordered.length, (i) => (ordered[i]?.endSeconds ?? 0) > start);
  const last = search(ordered.length, (i) => (ordered[i]?.startSeconds ?? 0) >= end);
  return ordered.slice(first, last);
}

/** The index of what there is at a moment; -1 for nothing. */
export function indexAt(ordered: readonly Lasting[], seconds: number): number {
  const next = search(ordered.length, (i) => (ordered[i]?.startSeconds ?? 0) > seconds);
  const here = ordered[next - 1];
  return here && seconds < here.endSeconds ? next - 1 : -1;
}

/** The index of the moment that is nearest; -1 where there are none. */
export function nearest(ascending: readonly number[], seconds: number): number {
  const after = firstFrom(ascending, seconds);
  const there = ascending[after];
  const before = ascending[after - 1];
  if (there === undefined || before === undefined) return there === undefined ? after - 1 : after;
  return seconds - before <= there - seconds ? after - 1 : after;
}

/** The first index of `length` for which it holds; it holds for all that follow. */
function search(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
