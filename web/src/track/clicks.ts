import type { SourceState, StemShape, StemSource } from '@/listening';
import { firstFrom } from './windowing';

/** Beats as they are clicked: seconds ascending, and their places in the bar, 1 for a downbeat. */
export interface ClickedBeats {
  readonly seconds: readonly number[];
  readonly positions: readonly number[];
}

const CLICK_SECONDS = 0.04;
const BEAT_HERTZ = 1_100;
const DOWNBEAT_HERTZ = 1_760;
const PEAK = 0.5;

/** The samples of the clicks from one frame on, at this rate. Clicks that began before are still heard. */
export function clicksFrom(
  beats: ClickedBeats,
  firstFrame: number,
  frames: number,
  sampleRate: number,
): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(frames);
  const length = Math.round(CLICK_SECONDS * sampleRate);
  let index = firstFrom(beats.seconds, (firstFrame - length) / sampleRate);
  for (; index < beats.seconds.length; index++) {
    const begin = Math.round((beats.seconds[index] ?? 0) * sampleRate) - firstFrame;
    if (begin >= frames) break;
    const hertz = beats.positions[index] === 1 ? DOWNBEAT_HERTZ : BEAT_HERTZ;
    for (let i = Math.max(0, -begin); i < length && begin + i < frames; i++) {
      samples[begin + i] = (samples[begin + i] ?? 0) + click(i / sampleRate, hertz);
    }
  }
  return samples;
}

function click(seconds: number, hertz: number): number {
  const fade = Math.exp(-seconds / (CLICK_SECONDS / 6)) * Math.min(1, (CLICK_SECONDS - seconds) / (CLICK_SECONDS / 4));
  return PEAK * fade * Math.sin(2 * Math.PI * hertz * seconds);
}

/** A metronome as one more stem: it plays on the same clock as the song, to the sample, at every speed and in loops. */
export class ClickSource implements StemSource {
  readonly channels = 1;
  readonly state: SourceState = { kind: 'ready' };

  constructor(
    private readonly shape: Pick<StemShape, 'frames' | 'sampleRate'>,
    private readonly beats: ClickedBeats,
  ) {}

  get frames(): number {
    return this.shape.frames;
  }

  get sampleRate(): number {
    return this.shape.sampleRate;
  }

  get playableFrames(): number {
    return this.frames;
  }

  async read(firstFrame: number, frames: number): Promise<AudioBuffer> {
    const buffer = new AudioBuffer({ length: frames, numberOfChannels: 1, sampleRate: this.sampleRate });
    buffer.copyToChannel(clicksFrom(this.beats, firstFrame, frames, this.sampleRate), 0);
    return buffer;
  }

  subscribe(): () => void {
    return () => {};
  }

  retry(): void {}

  close(): void {}
}
