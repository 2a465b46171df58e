import type { FrameLoop } from './course';
import { Desk } from './desk';
import { PIECE_FRAMES } from './pieces';
import { Run } from './run';
import type { PlayerVoice } from './settings';

export interface RenderOptions {
  /** Hertz; 44,100 if absent. */
  readonly sampleRate?: number;
  /** 0.5 to 1, at constant pitch; 1 if absent. */
  readonly speed?: number;
  /** In frames of `sampleRate`. */
  readonly loop?: FrameLoop | null;
}

/** What is prepared ahead of what is computed, seconds, and how often that is looked at. */
const AHEAD = 8;
const STEP = 4;

/**
 * What the player would play of these voices, as samples: stereo, `frames` long, from frame `first` of the song on, with
 * the same graph. At another speed than 1 it comes later by the speed correction's latency.
 */
export async function renderOffline(
  voices: readonly PlayerVoice[],
  first: number,
  frames: number,
  { sampleRate = 44_100, speed = 1, loop = null }: RenderOptions = {},
): Promise<AudioBuffer> {
  const context = new OfflineAudioContext(2, frames, sampleRate);
  const desk = new Desk(context);
  desk.setVoices(voices);
  await desk.prepare(speed);
  await desk.expect(speed, 0);
  const end = Math.max(0, ...voices.map(({ source }) => Math.round((source.frames / source.sampleRate) * sampleRate)));
  const run = new Run(context, desk, { from: first, end, loop, speed, grid: PIECE_FRAMES });
  run.beginAt(0);
  const prepareUntil = async (time: number) => {
    while (!run.ended && run.until < time) {
      const ready = await run.prepare();
      if (ready) run.start(ready);
    }
  };
  await prepareUntil(AHEAD);
  for (let time = STEP; time < frames / sampleRate; time += STEP) {
    void context
      .suspend(time)
      .then(() => prepareUntil(time + AHEAD))
      .then(() => context.resume());
  }
  return context.startRendering();
}
