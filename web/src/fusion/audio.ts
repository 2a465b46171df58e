import { type RefObject, useCallback, useEffect, useState } from 'react';

export interface Heard {
  readonly playing: boolean;
  /** Seconds. */
  readonly time: number;
  /** Seconds; 0 until it is known. */
  readonly duration: number;
  /** What can't be played. */
  readonly broken: boolean;
}

const SILENT: Heard = { playing: false, time: 0, duration: 0, broken: false };
const EVENTS = [
  'play',
  'pause',
  'ended',
  'timeupdate',
  'seeked',
  'durationchange',
  'emptied',
  'error',
  'loadeddata',
] as const;

/** What an audio element is doing. `key` changes with the element. */
export function useHeard(element: RefObject<HTMLAudioElement | null>, key = ''): Heard {
  const [heard, setHeard] = useState(SILENT);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another element is behind the same reference when the key is another
  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    const look = () =>
      setHeard({
        playing: !audio.paused,
        time: audio.currentTime,
        duration: Number.isFinite(audio.duration) ? audio.duration : 0,
        broken: Boolean(audio.error),
      });
    for (const event of EVENTS) audio.addEventListener(event, look);
    look();
    return () => {
      for (const event of EVENTS) audio.removeEventListener(event, look);
    };
  }, [element, key]);
  return heard;
}

/** Starts or stops it. A browser that forbids to play just stays silent: pressing play again is allowed. */
export function usePlaying(element: RefObject<HTMLAudioElement | null>) {
  const play = useCallback(() => void element.current?.play().catch(() => undefined), [element]);
  const toggle = useCallback(() => {
    if (element.current?.paused) play();
    else element.current?.pause();
  }, [element, play]);
  const seek = useCallback(
    (seconds: number) => {
      if (element.current) element.current.currentTime = seconds;
    },
    [element],
  );
  return { play, toggle, seek };
}
