import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import type { Player } from './engine/player';
import { type Loop, SHORTEST_LOOP } from './engine/player_state';
import { usePlayerState, usePosition } from './player_hooks';
import { clock, spoken } from './times';

interface TimelineProps {
  readonly player: Player;
  readonly onLoop: (loop: Loop) => void;
}

const STEP = 5;
const PAGE = 30;
/** How far a pointer moves before a press becomes a drawn loop, CSS pixels. */
const DRAWN = 6;

/** Where one is in the song: press to go there, drag to draw a loop, drag the loop's ends to move them. */
export function Timeline({ player, onLoop }: TimelineProps) {
  const { duration, playable, loop } = usePlayerState(player);
  const line = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const pressed = useRef<{ at: number; x: number } | undefined>(undefined);
  const [drawn, setDrawn] = useState<Loop>();
  usePosition(player, (seconds) => {
    // Moved, not placed: nothing on the page is laid out anew sixty times a second.
    head.current?.style.setProperty('transform', `translateX(${percent(seconds, duration)}%)`);
    const told = `${spoken(seconds)} of ${spoken(duration)}`;
    if (line.current?.getAttribute('aria-valuetext') === told) return;
    line.current?.setAttribute('aria-valuenow', String(Math.round(seconds)));
    line.current?.setAttribute('aria-valuetext', told);
  });

  const secondsAt = (x: number) => {
    const box = line.current?.getBoundingClientRect();
    return box && box.width > 0 ? Math.min(Math.max((x - box.left) / box.width, 0), 1) * duration : 0;
  };
  const press = (event: PointerEvent<HTMLDivElement>) => {
    if (duration === 0 || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    pressed.current = { at: secondsAt(event.clientX), x: event.clientX };
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const from = pressed.current;
    if (!from || Math.abs(event.clientX - from.x) < DRAWN) return;
    const to = secondsAt(event.clientX);
    setDrawn({ start: Math.min(from.at, to), end: Math.max(from.at, to) });
  };
  const release = (event: PointerEvent<HTMLDivElement>) => {
    if (!pressed.current) return;
    pressed.current = undefined;
    setDrawn(undefined);
    if (drawn && drawn.end - drawn.start >= SHORTEST_LOOP) onLoop(drawn);
    else player.seek(secondsAt(event.clientX));
  };
  const cancel = () => {
    pressed.current = undefined;
    setDrawn(undefined);
  };
  const step = (event: KeyboardEvent<HTMLDivElement>) => {
    const to = target(event.key, player.position(), duration);
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    // The page's own keys must not move it once more.
    event.stopPropagation();
    player.seek(to);
  };
  const shown = drawn ?? loop;
  return (
    <div className="relative py-2">
      <div
        ref={line}
        role="slider"
        tabIndex={0}
        aria-label="Position in the song"
        aria-valuemin={0}
        aria-valuemax={Math.round(duration)}
        aria-valuenow={0}
        onPointerDown={press}
        onPointerMove={drag}
        onPointerUp={release}
        onPointerCancel={cancel}
        onKeyDown={step}
        className="forced-outline relative h-9 cursor-pointer touch-none overflow-x-clip select-none rounded-control bg-sunken pointer-coarse:h-12"
      >
        <div
          className="absolute inset-y-0 left-0 rounded-control bg-ink/8"
          style={{ width: `${percent(playable, duration)}%` }}
        />
        {shown && (
          <div
            className="absolute inset-y-0 rounded-control border-accent border-x-2 bg-accent/20"
            style={{
              left: `${percent(shown.start, duration)}%`,
              width: `${percent(shown.end - shown.start, duration)}%`,
            }}
          />
        )}
        <div ref={head} className="pointer-events-none absolute inset-0">
          <div className="h-full w-0.5 -translate-x-1/2 bg-ink" />
        </div>
      </div>
      {loop && !drawn && (
        <>
          <LoopEnd
            name="Loop start"
            at={loop.start}
            duration={duration}
            secondsAt={secondsAt}
            onMove={(start) => start < loop.end - SHORTEST_LOOP && onLoop({ ...loop, start })}
          />
          <LoopEnd
            name="Loop end"
            at={loop.end}
            duration={duration}
            secondsAt={secondsAt}
            onMove={(end) => end > loop.start + SHORTEST_LOOP && onLoop({ ...loop, end })}
          />
        </>
      )}
    </div>
  );
}

interface LoopEndProps {
  readonly name: string;
  readonly at: number;
  readonly duration: number;
  readonly secondsAt: (x: number) => number;
  readonly onMove: (seconds: number) => void;
}

/** One end of the loop: a handle to be dragged, or moved with the arrows by a tenth of a second. */
function LoopEnd({ name, at, duration, secondsAt, onMove }: LoopEndProps) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1, PageDown: -1, PageUp: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onMove(Math.min(Math.max(at + by, 0), duration));
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration * 10) / 10}
      aria-valuenow={Math.round(at * 10) / 10}
      aria-valuetext={clock(at, true)}
      onKeyDown={move}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) =>
        event.currentTarget.hasPointerCapture(event.pointerId) && onMove(secondsAt(event.clientX))
      }
      className="-translate-x-1/2 absolute top-0 h-full w-6 cursor-ew-resize touch-none rounded-control after:absolute after:top-0 after:left-1/2 after:size-3 after:-translate-x-1/2 after:rounded-full after:bg-accent"
      style={{ left: `${percent(at, duration)}%` }}
    />
  );
}

function target(key: string, at: number, duration: number): number | undefined {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return at - STEP;
    case 'ArrowRight':
    case 'ArrowUp':
      return at + STEP;
    case 'PageDown':
      return at - PAGE;
    case 'PageUp':
      return at + PAGE;
    case 'Home':
      return 0;
    case 'End':
      return duration;
    default:
      return undefined;
  }
}

function percent(seconds: number, duration: number): number {
  return duration > 0 ? Math.min(100, Math.max(0, (seconds / duration) * 100)) : 0;
}
