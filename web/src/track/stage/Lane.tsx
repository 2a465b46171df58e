import { type MouseEvent, useEffect, useRef } from 'react';
import { cx } from '@/design';
import { secondsAt, type View, type ViewStore } from './view';

/** Draws what can be seen now; the canvas is empty and measured in CSS pixels. */
export type Draw = (ctx: CanvasRenderingContext2D, view: View, height: number) => void;

interface LaneProps {
  readonly view: ViewStore;
  /** CSS pixels. */
  readonly height: number;
  readonly draw: Draw;
  /** Called with the moment that was pressed. */
  readonly onPick?: (seconds: number) => void;
  readonly className?: string;
}

/** One row of the picture of a song, on a canvas as wide as the page: only what is seen is drawn, once a frame at most. */
export function Lane({ view, height, draw, onPick, className }: LaneProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let frame = 0;
    const paint = () => {
      frame = 0;
      if (canvas.current) drawn(canvas.current, view.getState(), height, draw);
    };
    const ask = () => {
      frame ||= requestAnimationFrame(paint);
    };
    ask();
    const stop = view.subscribe(ask);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [view, height, draw]);
  const pick = (event: MouseEvent<HTMLCanvasElement>) => {
    onPick?.(secondsAt(view.getState(), event.clientX - event.currentTarget.getBoundingClientRect().left));
  };
  return (
    <canvas
      ref={canvas}
      aria-hidden
      onClick={pick}
      className={cx('block w-full', onPick ? 'cursor-pointer' : 'pointer-events-none', className)}
      style={{ height }}
    />
  );
}

function drawn(canvas: HTMLCanvasElement, view: View, height: number, draw: Draw): void {
  const ctx = canvas.getContext('2d');
  if (!ctx || view.width === 0) return;
  const ratio = window.devicePixelRatio || 1;
  const wide = Math.round(view.width * ratio);
  const high = Math.round(height * ratio);
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, view.width, height);
  draw(ctx, view, height);
}
