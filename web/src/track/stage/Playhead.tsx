import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { Analysis } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { clock, type Player, spoken, usePosition } from '@/listening';
import { placeFor, whereWords } from './places';
import { type ViewStore, xOf } from './view';

interface PlayheadProps {
  readonly player: Player;
  readonly view: ViewStore;
  readonly duration: number;
  readonly analysis: Analysis | null | undefined;
  readonly onZoom: (by: 1 | -1) => void;
}

/** Where one is in the song: a line over the picture, moved by keys; pointers go through it to what is below. */
export function Playhead({ player, view, duration, analysis, onZoom }: PlayheadProps) {
  const slider = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const sections = analysis?.sections ?? NOTHING;
  const chords = analysis?.chords ?? NOTHING;
  const beats = analysis?.beats?.seconds ?? NOTHING;
  const show = (seconds: number) => {
    const seen = view.getState();
    const x = xOf(seen, seconds);
    line.current?.style.setProperty('transform', `translateX(${x}px)`);
    line.current?.style.setProperty('visibility', seen.width > 0 && x >= 0 && x <= seen.width ? 'visible' : 'hidden');
    const said = [`${spoken(seconds)} of ${spoken(duration)}`, whereWords(seconds, sections, chords)]
      .filter(Boolean)
      .join(', ');
    if (slider.current?.getAttribute('aria-valuetext') === said) return;
    slider.current?.setAttribute('aria-valuenow', String(Math.round(seconds)));
    slider.current?.setAttribute('aria-valuetext', said);
  };
  usePosition(player, show);
  const latest = useRef(show);
  useEffect(() => {
    latest.current = show;
  });
  useEffect(() => view.subscribe(() => latest.current(player.position())), [view, player]);

  const press = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = placeFor(event.key, event.shiftKey, player.position(), { sections, beats, duration });
    if (to !== undefined) player.seek(to);
    else if (event.key === ' ') player.toggle();
    else if (event.key === '+' || event.key === '=') onZoom(1);
    else if (event.key === '-') onZoom(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={slider}
      role="slider"
      tabIndex={0}
      aria-label="Position in the song"
      aria-valuemin={0}
      aria-valuemax={Math.round(duration)}
      aria-valuenow={0}
      aria-valuetext={clock(0)}
      aria-describedby="stage-keys"
      onKeyDown={press}
      className="pointer-events-none absolute inset-0 rounded-control"
    >
      <div ref={line} className="invisible absolute inset-y-0 -left-px w-0.5 bg-ink shadow-xs" />
    </div>
  );
}

const NOTHING: readonly never[] = [];
