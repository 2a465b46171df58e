import { Headphones, Volume2, VolumeX } from 'lucide-react';
import { Button, Icon, Tooltip } from '@/design';

interface MuteSoloProps {
  /** What it is about: `Vocals of My song`. */
  readonly name: string;
  readonly mute: boolean;
  readonly solo: boolean;
  readonly onMute: () => void;
  readonly onSolo: () => void;
  /** Keys that do the same: `1`. */
  readonly keyHint?: string | undefined;
}

/** Two switches: to hear this alone, and not to hear it. */
export function MuteSolo({ name, mute, solo, onMute, onSolo, keyHint }: MuteSoloProps) {
  return (
    <div className="flex gap-1.5">
      <Tooltip text={keyHint ? `Hear only this (${keyHint})` : 'Hear only this'}>
        <Button
          size="small"
          aria-label={`Solo ${name}`}
          aria-pressed={solo}
          onClick={onSolo}
          className="aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-accent-ink"
        >
          <Icon of={Headphones} />
          <span aria-hidden>Solo</span>
        </Button>
      </Tooltip>
      <Tooltip text={keyHint ? `Don’t hear this (Shift+${keyHint})` : 'Don’t hear this'}>
        <Button
          size="small"
          aria-label={`Mute ${name}`}
          aria-pressed={mute}
          onClick={onMute}
          className="aria-pressed:border-danger aria-pressed:bg-danger-soft aria-pressed:text-danger"
        >
          <Icon of={mute ? VolumeX : Volume2} />
          <span aria-hidden>Mute</span>
        </Button>
      </Tooltip>
    </div>
  );
}
