import { useEffect, useRef } from 'react';
import { cx } from '@/design';
import type { Player } from './engine/player';
import { decibelsOf } from './engine/settings';

interface MeterProps {
  readonly player: Player;
  /** A voice; the whole if absent. */
  readonly voice?: string;
  /** The class of its bar: `bg-stem-vocals`. */
  readonly filled?: string;
  readonly className?: string;
}

// What the bar spans, dB of full scale.
const FLOOR = -60;
/** How fast peaks fall, dB a second. */
const FALL = 20;

/**
 * How loud a voice is now: the bar is what the ear takes for loudness (RMS), the line is the peak, which turns red where the
 * sound is clipped. It says nothing that can't be heard, so it is hidden from screen readers.
 */
export function Meter({ player, voice, filled = 'bg-accent', className }: MeterProps) {
  const bar = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let frame = 0;
    let held = FLOOR;
    let before = 0;
    const show = (now: number) => {
      const { rms, peak } = player.level(voice);
      held = Math.max(decibelsOf(peak), held - (FALL * Math.min(now - before, 100)) / 1000, FLOOR);
      before = now;
      bar.current?.style.setProperty('scale', `${share(decibelsOf(rms))} 1`);
      // Moved, not placed: nothing on the page is laid out anew sixty times a second.
      line.current?.style.setProperty('transform', `translateX(${share(held) * 100}%)`);
      if (line.current) line.current.dataset['clipped'] = String(held > 0);
      // After a pause the bar still has to fall.
      frame = player.state.phase === 'paused' && held <= FLOOR ? 0 : requestAnimationFrame(show);
    };
    const wake = () => {
      if (frame === 0) frame = requestAnimationFrame(show);
    };
    wake();
    const stop = player.subscribe(wake);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [player, voice]);
  return (
    <div aria-hidden className={cx('relative h-1.5 overflow-hidden rounded-full bg-ink/10', className)}>
      <div ref={bar} className={cx('h-full origin-left scale-x-0 rounded-full', filled)} />
      <div ref={line} className="group absolute inset-0">
        <div className="h-full w-0.5 -translate-x-full bg-ink group-data-[clipped=true]:bg-danger" />
      </div>
    </div>
  );
}

function share(decibels: number): number {
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR));
}
