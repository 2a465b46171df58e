import { describe, expect, it } from 'vitest';
import { CLOSEST, placeOf, scaleAt, scaleOf, secondsAt, widest, xOf, zoomed } from './view';

const VIEW = { start: 10, end: 30, width: 800 };

describe('a view', () => {
  it('leads from moments to pixels and back', () => {
    expect(scaleOf(VIEW)).toBe(40);
    expect(xOf(VIEW, 15)).toBe(200);
    expect(secondsAt(VIEW, 200)).toBe(15);
    expect(secondsAt({ start: 0, end: 0, width: 0 }, 200)).toBe(0);
  });

  it('zooms between the whole song and a beat', () => {
    const all = widest(900, 900);
    expect(all).toBe(1);
    expect(zoomed(all, -1, all)).toBe(all);
    expect(zoomed(200, 1, all)).toBe(CLOSEST);
    expect([placeOf(all, all), placeOf(CLOSEST, all)]).toEqual([0, 100]);
    expect(placeOf(scaleAt(40, all), all)).toBe(40);
  });

  it('does not zoom what is short enough to be seen closely anyway', () => {
    const all = widest(900, 3);
    expect(zoomed(all, 1, all)).toBe(all);
    expect(placeOf(all, all)).toBe(0);
  });
});
