import type { Part } from './course';
import type { StemSource } from './source';

/** What to read of a voice for a part, and how to start it. */
export interface VoiceRead {
  readonly first: number;
  readonly frames: number;
  /** Seconds into what was read at which the part begins. */
  readonly offset: number;
  /** Seconds of the voice that the part lasts. */
  readonly duration: number;
}

/**
 * What a part of the song is in the frames of a voice, `skipped` song frames later; undefined where the voice has ended. A
 * part that has to be interpolated (another rate than the clock's, or played slower) brings one frame more, so that it
 * goes over into the next one without a corner.
 */
export function readFor(
  source: Pick<StemSource, 'frames' | 'sampleRate'>,
  clockRate: number,
  part: Part,
  speed: number,
  skipped = 0,
): VoiceRead | undefined {
  const ratio = source.sampleRate / clockRate;
  const begin = (part.position + skipped) * ratio;
  const end = Math.min((part.position + part.frames) * ratio, source.frames);
  if (begin >= end) return undefined;
  const first = Math.floor(begin);
  const exact = ratio === 1 && speed === 1;
  const frames = Math.ceil(end) - first + (exact ? 0 : 1);
  return { first, frames, offset: (begin - first) / source.sampleRate, duration: (end - begin) / source.sampleRate };
}
