import type { StemSource } from './source';

/** A stem as it is to be heard. */
export interface PlayerVoice {
  /** Unique among the voices that play together. */
  readonly key: string;
  readonly source: StemSource;
  /** Decibels, -60 to 12. */
  readonly gainDb: number;
  /** -1 (left) to 1 (right), equal power. */
  readonly pan: number;
  readonly mute: boolean;
  readonly solo: boolean;
}

/** Decibels as a factor. */
export function factorOf(decibels: number): number {
  return 10 ** (decibels / 20);
}

/** A factor as decibels; -Infinity for 0. */
export function decibelsOf(factor: number): number {
  return 20 * Math.log10(factor);
}

/** Which voices are heard: those that are not muted; where any is soloed, the soloed ones among them. */
export function audibleKeys(voices: readonly Pick<PlayerVoice, 'key' | 'mute' | 'solo'>[]): ReadonlySet<string> {
  const soloed = voices.some((voice) => voice.solo);
  return new Set(voices.filter((voice) => !voice.mute && (voice.solo || !soloed)).map((voice) => voice.key));
}
