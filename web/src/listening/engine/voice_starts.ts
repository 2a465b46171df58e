import type { Part } from './course';
import type { StemSource } from './source';

/** What to read of a voice for a part, and when to start it. */
export interface VoiceRead {
  readonly first: number;
  readonly frames: number;
  /** Seconds of the song from the part's beginning to the voice's first frame. */
  readonly delay: number;
  /** Seconds of the voice that are played. */
  readonly duration: number;
}

/**
 * What a part of the song is in the frames of a voice; undefined where the voice has ended. Voices always begin with a whole
 * frame, at its own time: browsers place a beginning between two of the clock's samples, but not between two of the voice's.
 * What has to be interpolated (another rate than the clock's, or played slower) brings one frame more, so that it goes over
 * into the next part without a corner.
 */
export function readFor(
  source: Pick<StemSource, 'frames' | 'sampleRate'>,
  clockRate: number,
  part: Part,
  speed: number,
): VoiceRead | undefined {
  const ratio = source.sampleRate / clockRate;
  const begin = part.position * ratio;
  const first = Math.ceil(begin);
  const end = Math.min(Math.ceil((part.position + part.frames) * ratio), source.frames);
  if (first >= end) return undefined;
  const exact = ratio === 1 && speed === 1;
  return {
    first,
    frames: end - first + (exact ? 0 : 1),
    delay: (first - begin) / source.sampleRate,
    duration: (end - first) / source.sampleRate,
  };
}
