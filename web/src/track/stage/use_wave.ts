import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { Waveform } from '@/api/gen/puremusic/ingest/v1/ingest_pb';
import type { Player } from '@/listening';
import type { Palette } from './palette';
import { createView, scaleOf, type ViewStore, widest, zoomed } from './view';
import { Wave } from './wave';

/** The waveform of a song in its place on the page, and what of it is seen. */
export interface DrawnWave {
  readonly view: ViewStore;
  /** What it could not be drawn for. */
  readonly broken: boolean;
  /** One step closer or farther. */
  zoomBy(by: 1 | -1): void;
  /** CSS pixels a second. */
  zoomTo(scale: number): void;
}

/** Draws it as soon as it is known, and anew when it is another one's. */
export function useWave(
  place: RefObject<HTMLElement | null>,
  waveform: Waveform | undefined,
  player: Player,
  palette: Palette,
  height: number,
): DrawnWave {
  const [view] = useState(createView);
  const [broken, setBroken] = useState(false);
  const wave = useRef<Wave>(undefined);
  const colours = useRef(palette);
  const frame = useRef(0);
  useEffect(() => {
    colours.current = palette;
    wave.current?.paint(palette);
  }, [palette]);
  useEffect(() => {
    const into = place.current;
    if (!waveform || !into) return;
    let left = false;
    Wave.draw(into, waveform, player, view, colours.current, height).then(
      (drawn) => {
        if (left) drawn.close();
        else wave.current = drawn;
      },
      () => left || setBroken(true),
    );
    return () => {
      left = true;
      wave.current?.close();
      wave.current = undefined;
    };
  }, [place, waveform, player, view, height]);
  const zoomTo = useCallback(
    (scale: number) => {
      // A slider moves more often than a screen can show.
      cancelAnimationFrame(frame.current);
      frame.current = requestAnimationFrame(() => {
        wave.current?.zoom(scale);
        wave.current?.centre(player.position());
      });
    },
    [player],
  );
  const zoomBy = useCallback(
    (by: 1 | -1) => {
      const seen = view.getState();
      zoomTo(zoomed(scaleOf(seen), by, widest(seen.width, waveform?.durationSeconds ?? 0)));
    },
    [view, zoomTo, waveform],
  );
  return { view, broken, zoomBy, zoomTo };
}
