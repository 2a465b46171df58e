import { useMemo } from 'react';
import type { Beats } from '@/api/gen/puremusic/mir/v1/mir_pb';
import type { PlayerVoice, StemShape } from '@/listening';
import { ClickSource } from './clicks';

const NONE: readonly PlayerVoice[] = [];

/**
 * The clicks on a song's beats as a voice for its player; none while it is off or there is nothing to click. `solo` where
 * stems are soloed, since only soloed voices are heard then.
 */
export function useMetronome(
  on: boolean,
  shape: StemShape | undefined,
  beats: Beats | undefined,
  solo: boolean,
): readonly PlayerVoice[] {
  const frames = shape?.frames;
  const sampleRate = shape?.sampleRate;
  const clicked = useMemo(() => {
    if (!on || !beats || beats.seconds.length === 0 || !frames || !sampleRate) return undefined;
    // Another key for other beats: what is scheduled already falls silent with the old ones.
    return { key: `clicks ${nextClicks++}`, source: new ClickSource({ frames, sampleRate }, beats) };
  }, [on, beats, frames, sampleRate]);
  return useMemo(() => (clicked ? [{ ...clicked, gainDb: 0, pan: 0, mute: false, solo }] : NONE), [clicked, solo]);
}

let nextClicks = 0;
