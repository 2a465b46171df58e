import type { StemShape } from './source';

// One context per rate and channel count: only for its decoder, which converts to the rate of its context, so never here.
const contexts = new Map<string, OfflineAudioContext>();

/**
 * The samples of a whole file, unchanged: at the file's own rate, times two to the power of `scaleBits`. Rejects if the file
 * is not what was announced.
 */
export async function decode(
  file: ArrayBuffer,
  { frames, sampleRate, channels }: StemShape,
  scaleBits: number,
): Promise<AudioBuffer> {
  const samples = await contextFor(sampleRate, channels).decodeAudioData(file);
  if (samples.length !== frames || samples.numberOfChannels !== channels) {
    throw new Error(
      `A piece has ${samples.length} samples in ${samples.numberOfChannels} channels instead of ${frames} in ${channels}.`,
    );
  }
  if (scaleBits !== 0) scale(samples, 2 ** scaleBits);
  return samples;
}

function scale(samples: AudioBuffer, factor: number): void {
  for (let channel = 0; channel < samples.numberOfChannels; channel++) {
    const data = samples.getChannelData(channel);
    for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * factor;
  }
}

function contextFor(sampleRate: number, channels: number): OfflineAudioContext {
  const key = `${sampleRate}/${channels}`;
  let context = contexts.get(key);
  if (!context) {
    context = new OfflineAudioContext(channels, 1, sampleRate);
    contexts.set(key, context);
  }
  return context;
}
