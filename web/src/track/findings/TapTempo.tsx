import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Button } from '@/design';
import { type Player, usePlayerState } from '@/listening';
import { FEWEST_TAPS, tempoOf, withTap } from '../tap_tempo';
import { canBeSaid, levelOf } from '../tempo_levels';
import { bpmWords } from '../words';

interface TapTempoProps {
  readonly heardBpm: number | undefined;
  readonly player: Player;
  readonly onSay: (bpm: number) => void;
  readonly onClose: () => void;
}

const NO_TAPS: readonly number[] = [];

/** The beat, tapped with a finger, the mouse, or the space bar, Enter or T while the button has the focus. */
export function TapTempo({ heardBpm, player, onSay, onClose }: TapTempoProps) {
  const [taps, setTaps] = useState(NO_TAPS);
  const button = useRef<HTMLButtonElement>(null);
  const { speed } = usePlayerState(player);
  useEffect(() => button.current?.focus(), []);
  const tap = (at: number) => setTaps((before) => withTap(before, at));
  const press = (event: KeyboardEvent) => {
    if (![' ', 'Enter', 't', 'T'].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) tap(event.timeStamp);
  };
  const tapped = tempoOf(taps);
  // Taps follow what is heard, which may be played slower than the song is.
  const bpm = tapped && tapped.bpm / speed;
  const level = bpm !== undefined && heardBpm !== undefined ? levelOf(bpm, heardBpm) : undefined;
  return (
    <div className="flex flex-col gap-3 rounded-control border border-line bg-sunken p-4">
      <p className="text-muted">
        Play the song and tap with the beat: press the button, or the space bar while it has the focus.
      </p>
      <button
        ref={button}
        type="button"
        onPointerDown={(event) => event.button === 0 && tap(event.timeStamp)}
        onKeyDown={press}
        className="min-h-24 touch-manipulation select-none rounded-card border-2 border-accent bg-accent-soft font-display font-semibold text-accent text-xl active:bg-accent active:text-accent-ink"
      >
        Tap here
      </button>
      <p role="status" className="min-h-6">
        {bpm === undefined || !tapped ? (
          waitingWords(taps.length)
        ) : (
          <Tapped bpm={bpm} even={tapped.even} taps={tapped.taps} />
        )}
        {level && `, ${level.words}`}
      </p>
      <div className="flex flex-wrap gap-2">
        {level && canBeSaid(level.bpm) && (
          <Button variant="primary" onClick={() => onSay(level.bpm)}>
            Use {bpmWords(level.bpm)}
          </Button>
        )}
        {bpm !== undefined && !level && canBeSaid(bpm) && (
          <Button variant="primary" onClick={() => onSay(rounded(bpm))}>
            Use {bpmWords(rounded(bpm))}
          </Button>
        )}
        <Button onClick={() => setTaps(NO_TAPS)} disabled={taps.length === 0}>
          Begin again
        </Button>
        <Button variant="quiet" onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  );
}

function Tapped({ bpm, even, taps }: { readonly bpm: number; readonly even: boolean; readonly taps: number }) {
  return (
    <>
      You tap <strong className="font-semibold">{bpmWords(bpm)}</strong>
      <span className="text-muted">
        {' '}
        ({taps} taps{even ? '' : ', unevenly: go on a little'})
      </span>
    </>
  );
}

function waitingWords(taps: number): string {
  if (taps === 0) return '';
  const more = FEWEST_TAPS - taps;
  return more > 0 ? `${more} more tap${more === 1 ? '' : 's'}` : 'Go on, a little more evenly';
}

/** Nobody taps more exactly than this. */
function rounded(bpm: number): number {
  return Math.round(bpm * 10) / 10;
}
