import { describe, expect, it } from 'vitest';
import { Places } from './places';

const RATE = 100;
const voice = (source: string, pieces: number[][][], muted = false) => ({
  name: source,
  source,
  muted,
  pieces: pieces.map((anchors) => ({ anchors })),
});
const receipt = (voices: ReturnType<typeof voice>[], more = {}) => ({
  receipt: 1,
  arrangement: { sample_rate: RATE, frames: 10_000, voices },
  sources: { vocals: { track_id: 'a' }, bass: { track_id: 'a' }, drums: { track_id: 'b' } },
  ...more,
});

describe('places', () => {
  const places = Places.of(
    receipt([
      // Twice as fast from second 10 of the song on; then again from its beginning.
      voice('vocals', [
        [
          [1000, 4],
          [2000, 24],
        ],
        [
          [3000, 4],
          [4000, 24],
        ],
      ]),
      voice('drums', [
        [
          [0, 0],
          [1000, 10],
          [2000, 15],
        ],
      ]),
    ]),
  );

  it('are those that sound together', () => {
    expect(places.ofSource('a', 10)).toBe(4);
    expect(places.ofSource('a', 15)).toBe(14);
    expect(places.ofSource('b', 5)).toBe(5);
    expect(places.ofSource('b', 15)).toBe(12.5);
  });

  it('lead on where a song is silent: to where it comes in next, or else to where it ended', () => {
    expect(places.ofSource('a', 0)).toBe(4);
    expect(places.ofSource('a', 25)).toBe(4);
    expect(places.ofSource('a', 99)).toBe(24);
    expect(places.ofSource('b', 99)).toBe(15);
  });

  it('lead back to the repetition that is nearest', () => {
    expect(places.ofSong('a', 14, 12)).toBe(15);
    expect(places.ofSong('a', 14, 38)).toBe(35);
    expect(places.ofSong('b', 12.5, 0)).toBe(15);
  });

  it('of a preview count from its beginning', () => {
    const part = Places.of(
      receipt(
        [
          voice('drums', [
            [
              [0, 0],
              [2000, 20],
            ],
          ]),
        ],
        { window: [500, 1500] },
      ),
    );
    expect(part.ofSource('b', 0)).toBe(5);
    expect(part.ofSong('b', 6, 0)).toBe(1);
  });

  it('are not those of voices that nobody hears', () => {
    const muted = Places.of(
      receipt([
        voice(
          'vocals',
          [
            [
              [0, 0],
              [100, 1],
            ],
          ],
          true,
        ),
      ]),
    );
    expect(muted.ofSource('a', 0)).toBeUndefined();
  });

  it('are unknown without a receipt that says them', () => {
    expect(Places.of({}).ofSource('a', 1)).toBeUndefined();
    expect(Places.of(receipt([voice('vocals', [[[0, 0]]])])).ofSource('a', 1)).toBeUndefined();
  });
});
