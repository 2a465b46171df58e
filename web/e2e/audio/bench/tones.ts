import type { StemSource } from '@/listening/engine/source';

/** How loud tones are, of full scale. */
export const TONE = 0.4;

/** A tone as a stem, all of it there at once. */
export function toneSource(frequency: number, seconds: number): StemSource {
  const sampleRate = 44_100;
  return {
    frames: seconds * sampleRate,
    sampleRate,
    channels: 2,
    playableFrames: seconds * sampleRate,
    state: { kind: 'ready' },
    read: async (firstFrame, frames) => {
      const buffer = new AudioBuffer({ length: frames, numberOfChannels: 2, sampleRate });
      const step = (2 * Math.PI * frequency) / sampleRate;
      const tone = Float32Array.from({ length: frames }, (_, i) => TONE * Math.sin(step * (firstFrame + i)));
      for (const channel of [0, 1]) buffer.copyToChannel(tone, channel);
      return buffer;
    },
    subscribe: () => () => {},
    retry: () => {},
    close: () => {},
  };
}

/** How often a second a tone rises through zero. */
export function frequencyOf(samples: Float32Array): number {
  const crossings: number[] = [];
  for (let i = 1; i < samples.length; i++) {
    const before = samples[i - 1] as number;
    const now = samples[i] as number;
    if (before < 0 && now >= 0) crossings.push(i - 1 + before / (before - now));
  }
  return ((crossings.length - 1) * 44_100) / ((crossings.at(-1) ?? 0) - (crossings[0] ?? 0));
}
