import { type RefObject, useEffect, useRef } from 'react';
import type WaveSurfer from 'wavesurfer.js';
import { adoptStyles } from '@/design';

/** The outline of a song: its largest samples above the middle, its smallest below. */
export type Peaks = readonly [Float32Array, Float32Array];

interface WaveformProps {
  /** What plays it; a click on the waveform moves it. */
  readonly audio: RefObject<HTMLAudioElement | null>;
  /** Where its sound is fetched from. */
  readonly url: string;
  /** Largest and smallest samples, -1 to 1, where they are known; else the sound is fetched and looked at. */
  readonly peaks?: Peaks | undefined;
  /** Seconds; needed with peaks. */
  readonly duration?: number | undefined;
}

const HEIGHT = 96;

/** The shape of a song. It is for the eye and the mouse alone: beside it is a slider that everybody can use. */
export function Waveform({ audio, url, peaks, duration }: WaveformProps) {
  const container = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let drawn: WaveSurfer | undefined;
    let gone = false;
    const draw = async () => {
      const { default: Surfer } = await import('wavesurfer.js');
      // Colours are those of the next frame when the looks have just changed.
      await new Promise(requestAnimationFrame);
      const place = container.current;
      if (gone || !place || !audio.current) return;
      drawn?.destroy();
      const { color, borderColor } = getComputedStyle(place);
      const inner = document.createElement('div');
      const surfer = Surfer.create({
        container: inner,
        media: audio.current,
        height: HEIGHT,
        barWidth: 2,
        barGap: 1,
        barRadius: 2,
        waveColor: borderColor,
        progressColor: color,
        cursorColor: color,
        normalize: true,
        dragToSeek: true,
        ...(peaks && duration ? { peaks: [...peaks], duration } : { url }),
      });
      drawn = surfer;
      // It draws nothing of where the song stands before it moves.
      surfer.on('ready', () => !surfer.isPlaying() && surfer.setTime(surfer.getCurrentTime()));
      const root = surfer.getWrapper().getRootNode();
      if (root instanceof ShadowRoot) {
        adoptStyles(root);
        // The slider below is what keys go to.
        root.querySelector('.scroll')?.setAttribute('tabindex', '-1');
      }
      place.replaceChildren(inner);
    };
    void draw();
    const stop = onLooks(() => void draw());
    return () => {
      gone = true;
      stop();
      drawn?.destroy();
    };
  }, [audio, url, peaks, duration]);
  return <div ref={container} aria-hidden className="min-h-24 border-outline text-accent" />;
}

/** Calls back when the page changes between light and dark; returns how to stop that. */
function onLooks(changed: () => void): () => void {
  const theme = new MutationObserver(changed);
  theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', changed);
  return () => {
    theme.disconnect();
    system.removeEventListener('change', changed);
  };
}
