import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Player } from './engine/player';
import type { PlayerState } from './engine/player_state';
import type { PlayerVoice } from './engine/settings';

/** A player of these voices, for as long as the component is there. */
export function usePlayer(voices: readonly PlayerVoice[]): Player {
  const [player] = useState(() => new Player());
  useEffect(() => player.setVoices(voices), [player, voices]);
  useEffect(() => () => player.close(), [player]);
  return player;
}

/** The player's state; the component is drawn anew when it changes. The position is not part of it: see `usePosition`. */
export function usePlayerState(player: Player): PlayerState {
  return useSyncExternalStore(
    (listener) => player.subscribe(listener),
    () => player.state,
  );
}

/** Calls back with the position in seconds: at each frame of the screen while it plays, and whenever it is moved. */
export function usePosition(player: Player, onPosition: (seconds: number) => void): void {
  const latest = useRef(onPosition);
  useEffect(() => {
    latest.current = onPosition;
  });
  useEffect(() => {
    let frame = 0;
    const show = () => {
      latest.current(player.position());
      frame = player.state.phase === 'paused' ? 0 : requestAnimationFrame(show);
    };
    const look = () => {
      cancelAnimationFrame(frame);
      show();
    };
    look();
    const stop = player.subscribe(look);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [player]);
}
