import { type RenderOptions, renderOffline } from '@/listening/engine/rendering';
import type { PlayerVoice } from '@/listening/engine/settings';
import type { StemSource } from '@/listening/engine/source';
import { decoded, openSound, shapeOf, wholly } from './sounds';
import { frequencyOf, TONE, toneSource } from './tones';

export interface BenchVoice {
  readonly name: string;
  readonly gainDb?: number;
  readonly pan?: number;
  readonly mute?: boolean;
  readonly solo?: boolean;
}

async function voicesOf(wanted: readonly BenchVoice[]): Promise<PlayerVoice[]> {
  return Promise.all(
    wanted.map(async ({ name, ...settings }, i) => ({
      gainDb: 0,
      pan: 0,
      mute: false,
      solo: false,
      ...settings,
      key: `${i}/${name}`,
      source: await wholly(openSound(name)),
    })),
  );
}

/** The largest difference between what the engine reads of a sound in runs of some length and what libsndfile decodes. */
export async function readingError(name: string, run: number, scaleBits = 0): Promise<number> {
  const source = await wholly(openSound(name, scaleBits));
  const reference = await decoded(name);
  let largest = 0;
  for (let at = 0; at < source.frames; at += run) {
    const buffer = await source.read(at, run);
    reference.forEach((channel, c) => {
      const samples = buffer.getChannelData(c);
      for (let i = 0; i < run; i++) {
        largest = Math.max(largest, Math.abs((samples[i] as number) - (channel[at + i] ?? 0) * 2 ** scaleBits));
      }
    });
  }
  source.close();
  return largest;
}

/** How far below the sum of stems lies what the graph renders differently, in dB; and the level of what it renders. */
export async function mixError(
  wanted: readonly BenchVoice[],
  first: number,
  frames: number,
): Promise<{ error: number; level: number }> {
  const rendered = await renderOffline(await voicesOf(wanted), first, frames);
  const soloed = wanted.some((voice) => voice.solo);
  const sum = [new Float64Array(frames), new Float64Array(frames)] as const;
  for (const { name, gainDb = 0, pan = 0, mute = false, solo = false } of wanted) {
    if (mute || (soloed && !solo)) continue;
    const channels = await decoded(name);
    const gain = 10 ** (gainDb / 20);
    const matrix = panMatrix(channels.length, pan);
    channels.forEach((channel, c) => {
      for (let side = 0; side < 2; side++) {
        const factor = gain * (matrix[c]?.[side] ?? 0);
        const into = sum[side] as Float64Array;
        for (let i = 0; i < frames; i++) into[i] = (into[i] as number) + factor * (channel[first + i] ?? 0);
      }
    });
  }
  let wrong = 0;
  let right = 0;
  let heard = 0;
  sum.forEach((side, c) => {
    const samples = rendered.getChannelData(c);
    for (let i = 0; i < frames; i++) {
      wrong += ((samples[i] as number) - (side[i] as number)) ** 2;
      right += (side[i] as number) ** 2;
      heard += (samples[i] as number) ** 2;
    }
  });
  return { error: 10 * Math.log10(wrong / right), level: 10 * Math.log10(heard / (2 * frames)) };
}

/** The equal-power law as services/fusion/mixing/panning.py has it, by which fusions are rendered. */
function panMatrix(channels: number, pan: number): number[][] {
  if (channels === 1) {
    const angle = ((pan + 1) * Math.PI) / 4;
    return [[Math.cos(angle), Math.sin(angle)]];
  }
  const angle = ((pan <= 0 ? pan + 1 : pan) * Math.PI) / 2;
  if (pan <= 0)
    return [
      [1, 0],
      [Math.cos(angle), Math.sin(angle)],
    ];
  return [
    [Math.cos(angle), Math.sin(angle)],
    [0, 1],
  ];
}

/** The largest difference between a rendered loop and the samples it should repeat. */
export async function loopError(
  name: string,
  from: number,
  start: number,
  end: number,
  frames: number,
): Promise<number> {
  const voices = await voicesOf([{ name }]);
  const rendered = await renderOffline(voices, from, frames, { loop: { start, end } });
  const [left] = await decoded(name);
  const samples = rendered.getChannelData(0);
  let at = from;
  let largest = 0;
  for (let i = 0; i < frames; i++) {
    largest = Math.max(largest, Math.abs((samples[i] as number) - (left?.[at] ?? 0)));
    at += 1;
    if (at === end) at = start;
  }
  return largest;
}

/** Two sounds together: the largest sample, of all and of the loudest of the two. */
export async function together(
  a: string,
  b: string,
  options: RenderOptions = {},
): Promise<{ sum: number; one: number; frames: number }> {
  const { frames } = shapeOf(a);
  const sum = await renderOffline(await voicesOf([{ name: a }, { name: b }]), 0, frames, options);
  const one = await renderOffline(await voicesOf([{ name: a }]), 0, 10 * 44_100, options);
  return { sum: largest(sum), one: largest(one), frames };
}

function largest(buffer: AudioBuffer): number {
  let most = 0;
  for (let c = 0; c < buffer.numberOfChannels; c++) {
    for (const sample of buffer.getChannelData(c)) most = Math.max(most, Math.abs(sample));
  }
  return most;
}

/** How much later the second sound is than the first, in samples, at some seconds of the song; and how alike they are there. */
export async function lags(
  a: string,
  b: string,
  seconds: readonly number[],
): Promise<{ lag: number; likeness: number }[]> {
  const voices = await voicesOf([
    { name: a, pan: -1 },
    { name: b, pan: 1 },
  ]);
  const rendered = await renderOffline(voices, 0, 300 * 44_100);
  const left = rendered.getChannelData(0);
  const right = rendered.getChannelData(1);
  const window = 32_768;
  return seconds.map((second) => {
    const at = second * 44_100;
    const likenessAt = (lag: number) => {
      let both = 0;
      let one = 0;
      let other = 0;
      for (let i = at; i < at + window; i++) {
        const x = left[i] as number;
        const y = right[i + lag] as number;
        both += x * y;
        one += x * x;
        other += y * y;
      }
      return both / Math.sqrt(one * other);
    };
    const around = Array.from({ length: 17 }, (_, i) => likenessAt(i - 8));
    const best = around.indexOf(Math.max(...around));
    const [before = 0, here = 0, after = 0] = around.slice(best - 1, best + 2);
    // The top of the parabola through three points.
    const lag = best - 8 + (before - after) / (2 * (before - 2 * here + after));
    return { lag, likeness: here };
  });
}

/** What comes out of the left side when a sound is played slower; rendered for some seconds of the clock. */
async function slowly(source: StemSource, speed: number, seconds: number): Promise<Float32Array> {
  const voice = { key: 'slow', source, gainDb: 0, pan: 0, mute: false, solo: false };
  const rendered = await renderOffline([voice], 0, Math.round(seconds * 44_100), { speed });
  return rendered.getChannelData(0);
}

/** The frequency of a tone played at a speed, Hertz, and how much louder it became, dB. */
export async function toneAt(speed: number, frequency: number): Promise<{ frequency: number; change: number }> {
  const samples = await slowly(toneSource(frequency, 8), speed, 7);
  const part = samples.subarray(44_100, 6 * 44_100);
  const power = part.reduce((sum, sample) => sum + sample * sample, 0) / part.length;
  return { frequency: frequencyOf(part), change: 10 * Math.log10(power / (TONE ** 2 / 2)) };
}

/** When the bursts of a sound that has one in the middle of every second are heard at a speed, seconds. */
export async function burstsAt(speed: number): Promise<number[]> {
  const samples = await slowly(await wholly(openSound('bursts')), speed, 9 / speed);
  const found: number[] = [];
  const reach = 0.25 / speed;
  for (let second = 0; second < 8; second++) {
    const centre = (second + 0.5) / speed + (speed === 1 ? 0 : 0.2);
    let weight = 0;
    let moment = 0;
    for (let i = Math.round((centre - reach) * 44_100); i < (centre + reach) * 44_100; i++) {
      const energy = (samples[i] ?? 0) ** 2;
      weight += energy;
      moment += energy * i;
    }
    found.push(moment / weight / 44_100);
  }
  return found;
}
