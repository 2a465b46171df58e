import { cx } from '@/design';

const PARTS = [
  ['Voice', 'text-stem-vocals', 2.1, 0.4],
  ['Drums', 'text-stem-drums', 7.3, 1.7],
  ['Bass', 'text-stem-bass', 1.3, 2.9],
  ['The rest', 'text-stem-other', 3.7, 4.2],
] as const;

const BARS = 56;

/** A song and its parts, drawn: each line a waveform of its own. For the eye alone; the words beside it say the same. */
export function WelcomePicture() {
  return (
    <div aria-hidden="true" className="rounded-card border border-line bg-raised p-5 shadow-card sm:p-7">
      <div className="flex flex-col gap-4">
        {PARTS.map(([name, colour, pace, phase]) => (
          <div key={name} className="flex items-center gap-4">
            <span className="w-16 shrink-0 text-muted text-sm">{name}</span>
            <svg
              aria-hidden="true"
              viewBox={`0 0 ${BARS * 4} 40`}
              className={cx('h-10 min-w-0 flex-1 sm:h-12', colour)}
              preserveAspectRatio="none"
            >
              <path d={waveform(pace, phase)} stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
            </svg>
          </div>
        ))}
      </div>
    </div>
  );
}

/** Vertical strokes around the middle, their heights two overlaid swings between 0 and 1. */
function waveform(pace: number, phase: number): string {
  const strokes = Array.from({ length: BARS }, (_, at) => {
    const swing = Math.abs(Math.sin((at * pace) / 9 + phase) * Math.cos((at * pace) / 3.1));
    const half = 1 + 17 * swing;
    return `M${at * 4 + 2} ${(20 - half).toFixed(1)}V${(20 + half).toFixed(1)}`;
  });
  return strokes.join('');
}
