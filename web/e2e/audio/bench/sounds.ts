import { FlacSource } from '@/listening/engine/flac_source';
import type { StemShape } from '@/listening/engine/source';

/** What each sound is; see tests/servers/listening_sounds.py. */
const MUSIC = { frames: 268_288, sampleRate: 44_100, channels: 2 };
const MINUTES = { frames: 300 * 44_100, sampleRate: 44_100, channels: 2 };
export const SHAPES: Readonly<Record<string, StemShape>> = {
  drums: MUSIC,
  bass: MUSIC,
  other: MUSIC,
  vocals: MUSIC,
  pieces: { frames: 20 * 44_100 + 777, sampleRate: 44_100, channels: 2 },
  mono: { frames: 9 * 48_000 + 5, sampleRate: 48_000, channels: 1 },
  long: MINUTES,
  opposite: MINUTES,
  stem: MINUTES,
  'chord-44100': { ...MINUTES, channels: 1 },
  'chord-48000': { frames: 300 * 48_000, sampleRate: 48_000, channels: 1 },
  tone: { frames: 12 * 44_100, sampleRate: 44_100, channels: 2 },
  bursts: { frames: 12 * 44_100, sampleRate: 44_100, channels: 2 },
};

export function shapeOf(name: string): StemShape {
  const shape = SHAPES[name];
  if (!shape) throw new Error(`There is no sound ${name}.`);
  return shape;
}

export function openSound(name: string, scaleBits = 0): FlacSource {
  return new FlacSource(shapeOf(name), async () => `/sounds/${name}.flac`, { scaleBits });
}

/** Resolves when all of a sound is there. */
export function wholly(source: FlacSource): Promise<FlacSource> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (source.state.kind === 'ready') resolve(source);
      if (source.state.kind === 'failed') reject(new Error(source.state.message));
    };
    source.subscribe(look);
    look();
  });
}

/** What libsndfile decodes of a sound: one array per channel. */
export async function decoded(name: string): Promise<Float32Array[]> {
  const raw = new Float32Array(await (await fetch(`/sounds/${name}.f32`)).arrayBuffer());
  const { channels, frames } = shapeOf(name);
  if (raw.length !== channels * frames) throw new Error(`${name} has ${raw.length} samples`);
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: frames }, (_, i) => raw[i * channels + channel] as number),
  );
}
