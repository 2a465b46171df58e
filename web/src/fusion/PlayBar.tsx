import { Pause, Play } from 'lucide-react';
import { Button, Icon, Slider } from '@/design';
import { clock } from './words';

interface PlayBarProps {
  /** What is played, for those who don't see it. */
  readonly label: string;
  readonly playing: boolean;
  readonly time: number;
  readonly duration: number;
  readonly disabled?: boolean;
  readonly onToggle: () => void;
  readonly onSeek: (seconds: number) => void;
}

const STEP_SECONDS = 1;

/** Play and pause, and a line to move along; arrow keys go a second. */
export function PlayBar({ label, playing, time, duration, disabled = false, onToggle, onSeek }: PlayBarProps) {
  return (
    <div className="flex items-center gap-3">
      <Button
        variant="primary"
        className="size-11 rounded-full px-0!"
        aria-label={playing ? `Pause ${label}` : `Play ${label}`}
        disabled={disabled}
        onClick={onToggle}
      >
        <Icon of={playing ? Pause : Play} />
      </Button>
      <Slider
        className="min-w-0 flex-1"
        label={`Place in ${label}`}
        value={Math.min(time, duration)}
        min={0}
        max={Math.max(duration, STEP_SECONDS)}
        step={STEP_SECONDS / 10}
        format={clock}
        disabled={disabled || duration === 0}
        onChange={onSeek}
      />
      <span className="whitespace-nowrap text-muted text-sm tabular-nums">
        {clock(time)} / {clock(duration)}
      </span>
    </div>
  );
}
