import { Pause, Play, Repeat, SkipBack } from 'lucide-react';
import { memo, useRef } from 'react';
import { Button, Icon, Notice, Slider, Spinner } from '@/design';
import type { Player } from './engine/player';
import { type Loop, SLOWEST } from './engine/player_state';
import { usePlayerState, usePosition } from './player_hooks';
import { Timeline } from './Timeline';
import { clock } from './times';

interface TransportProps {
  readonly player: Player;
  /** Called when a hand changes these, for pages that remember them. */
  readonly onListen?: (patch: { loop?: Loop | null; speed?: number; volumeDb?: number }) => void;
  /** Whether the line of the song is shown; pages that show a waveform have one of their own. */
  readonly timeline?: boolean;
}

/** How long a new loop is where nobody drew one, seconds. */
const NEW_LOOP = 8;

/** Play and pause, where one is, the loop, speed and volume. */
export const Transport = memo(function Transport({ player, onListen, timeline = true }: TransportProps) {
  const state = usePlayerState(player);
  const { phase, duration, loop, speed, volumeDb } = state;
  const loopAs = (next: Loop | null) => {
    player.setLoop(next);
    onListen?.({ loop: player.state.loop });
  };
  const toggleLoop = () => {
    if (loop) return loopAs(null);
    const start = Math.min(player.position(), Math.max(0, duration - 1));
    return loopAs({ start, end: Math.min(start + NEW_LOOP, duration) });
  };
  return (
    <section aria-label="Player" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <div className="flex items-center gap-2">
          <Button
            variant="quiet"
            onClick={() => player.seek(0)}
            disabled={duration === 0}
            aria-label="To the beginning"
          >
            <Icon of={SkipBack} />
          </Button>
          <Button
            variant="primary"
            size="large"
            onClick={() => player.toggle()}
            disabled={duration === 0}
            aria-label={phase === 'paused' ? 'Play' : 'Pause'}
            className="w-14 px-0"
          >
            <Icon of={phase === 'paused' ? Play : Pause} className="size-6" />
          </Button>
          <Button
            aria-pressed={loop !== null}
            onClick={toggleLoop}
            disabled={duration === 0}
            className="aria-pressed:border-accent aria-pressed:bg-accent-soft"
          >
            <Icon of={Repeat} />
            Loop
          </Button>
        </div>
        <Clock player={player} duration={duration} />
        <div className="flex items-center gap-2">
          <Slider
            label="Speed"
            value={Math.round(speed * 100)}
            min={SLOWEST * 100}
            max={100}
            step={5}
            format={(percent) => `${percent} %`}
            onChange={(percent) => {
              player.setSpeed(percent / 100);
              onListen?.({ speed: percent / 100 });
            }}
            className="w-24"
          />
          <span aria-hidden className="w-28 text-muted text-sm tabular-nums">
            Speed {Math.round(speed * 100)} %
          </span>
        </div>
        <div className="flex items-center gap-2">
          <Slider
            label="Volume"
            value={volumeDb}
            min={-40}
            max={6}
            step={1}
            format={(decibels) => `${decibels} dB`}
            onChange={(decibels) => {
              player.setVolume(decibels);
              onListen?.({ volumeDb: decibels });
            }}
            className="w-24"
          />
          <span aria-hidden className="w-28 text-muted text-sm tabular-nums">
            Volume {volumeDb} dB
          </span>
        </div>
        <span role="status" className="inline-flex items-center gap-2 text-muted text-sm">
          {phase === 'waiting' && (
            <>
              <Spinner /> Waiting for sound
            </>
          )}
        </span>
      </div>
      {timeline && <Timeline player={player} onLoop={loopAs} />}
      {state.problem && <Notice kind="warning">{state.problem}</Notice>}
    </section>
  );
});

function Clock({ player, duration }: { readonly player: Player; readonly duration: number }) {
  const text = useRef<HTMLSpanElement>(null);
  usePosition(player, (seconds) => {
    const shown = clock(seconds);
    if (text.current && text.current.textContent !== shown) text.current.textContent = shown;
  });
  return (
    <span className="min-w-24 font-medium tabular-nums">
      <span ref={text}>0:00</span>
      <span className="text-muted"> / {clock(duration)}</span>
    </span>
  );
}
