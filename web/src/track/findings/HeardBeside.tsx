import { Button } from '@/design';
import { percent, sureness } from '../confidence';
import type { Correcting } from '../correcting';
import type { Correction } from '../corrections';

interface HeardBesideProps {
  readonly correcting: Correcting;
  /** What was heard, in words; undefined where nothing was. */
  readonly heard: string | undefined;
  readonly confidence?: number | undefined;
  /** What takes the correction back. */
  readonly back: Correction;
  /** What is taken back, for screen readers: `the tempo`. */
  readonly what: string;
}

/** Beside what a person said: what was heard, and the way back to it. */
export function HeardBeside({ correcting, heard, confidence, back, what }: HeardBesideProps) {
  const sure = confidence === undefined ? '' : ` (${sureness(confidence).words.toLowerCase()}, ${percent(confidence)})`;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
      <span>
        We heard: <span className="text-ink">{heard ? `${heard}${sure}` : 'nothing sure'}</span>
      </span>
      <Button
        variant="quiet"
        size="small"
        aria-label={`Take it back: ${what}`}
        onClick={() => correcting.correct(back)}
      >
        Take it back
      </Button>
    </div>
  );
}
