import { createStore, type StoreApi } from 'zustand';

/** What of the song can be seen: from `start` to `end`, seconds, on `width` CSS pixels. */
export interface View {
  readonly start: number;
  readonly end: number;
  readonly width: number;
}

export type ViewStore = StoreApi<View>;

/** Nothing is seen until the waveform is drawn. */
export function createView(): ViewStore {
  return createStore<View>(() => ({ start: 0, end: 0, width: 0 }));
}

/** How many CSS pixels a second takes. */
export function scaleOf({ start, end, width }: View): number {
  return end > start ? width / (end - start) : 0;
}

/** Where a moment is, CSS pixels from the left edge; beyond the edges where it can't be seen. */
export function xOf(view: View, seconds: number): number {
  return (seconds - view.start) * scaleOf(view);
}

/** The moment at so many CSS pixels from the left edge. */
export function secondsAt(view: View, x: number): number {
  const scale = scaleOf(view);
  return scale > 0 ? view.start + x / scale : view.start;
}

/** The largest zoom, CSS pixels a second: a beat of a fast song is then as wide as a thumb. */
export const CLOSEST = 240;
const STEP = 1.6;

/** The zoom, CSS pixels a second, at which all of the song is seen. */
export function widest(width: number, duration: number): number {
  return duration > 0 ? width / duration : 1;
}

/** The zoom one step closer (1) or farther (-1), within what is sensible. */
export function zoomed(scale: number, by: 1 | -1, widestScale: number): number {
  return Math.min(Math.max(scale * STEP ** by, widestScale), Math.max(CLOSEST, widestScale));
}

/** A zoom as a place on a slider, 0 (all of the song) to 100, in equal steps for the eye. */
export function placeOf(scale: number, widestScale: number): number {
  if (widestScale >= CLOSEST) return 0;
  const place = (Math.log(scale / widestScale) / Math.log(CLOSEST / widestScale)) * 100;
  return Math.min(100, Math.max(0, Math.round(place)));
}

/** The zoom of such a place. */
export function scaleAt(place: number, widestScale: number): number {
  return widestScale * (Math.max(CLOSEST, widestScale) / widestScale) ** (place / 100);
}
