import type { JsonObject } from '@bufbuild/protobuf';
import type { FormatName } from './formats';

/** How far songs are brought together: not at all, in tempo, also in key, also section by section. */
export type Matching = 'none' | 'tempo' | 'key' | 'full';

export type TempoChoice =
  | { readonly by: 'automatic' }
  | { readonly by: 'track'; readonly trackId: string }
  | { readonly by: 'bpm'; readonly bpm: number };

export type KeyChoice =
  | { readonly by: 'automatic' }
  | { readonly by: 'track'; readonly trackId: string }
  | { readonly by: 'key'; readonly tonic: number; readonly minor: boolean };

export type LengthPolicy = 'longest' | 'shortest' | 'bars';

/** Everything that is chosen on the way from a mix to a song. */
export interface Choices {
  readonly matching: Matching;
  readonly tempo: TempoChoice;
  readonly key: KeyChoice;
  /** Whether two singers, basses or drummers who meet are kept apart. */
  readonly arrange: boolean;
  /** Whether songs are brought to where none buries the other. */
  readonly balance: boolean;
  readonly length: LengthPolicy;
  /** Counts with the policy `bars`; 1 to 2,000. */
  readonly bars: number;
  readonly formats: readonly FormatName[];
  /** Ids of qualities, where another than a format's usual one is chosen. */
  readonly qualities: Readonly<Partial<Record<FormatName, string>>>;
  /** LUFS, -40 to -6; undefined leaves the mix as loud as it comes out. */
  readonly loudness: number | undefined;
  readonly cover: boolean;
  readonly artist: string;
  /** Where a preview begins, seconds of the song. */
  readonly previewStart: number;
  /** The fusion that this one is a variation of. */
  readonly parentFusionId: string;
  /** What an earlier version says of voices beyond fader and pan (effects, trims), by the voices' keys. */
  readonly kept: Readonly<Record<string, JsonObject>>;
}

export const BPM_RANGE = { low: 40, high: 240 };
export const BARS_RANGE = { low: 1, high: 2000 };
export const LOUDNESS_RANGE = { low: -40, high: -6 };
export const PREVIEW_SECONDS = 15;

/** What most people want: songs on one beat and in one key, as loud as streaming services play them. */
export const USUAL: Choices = {
  matching: 'key',
  tempo: { by: 'automatic' },
  key: { by: 'automatic' },
  arrange: true,
  balance: true,
  length: 'longest',
  bars: 32,
  formats: ['wav', 'flac', 'mp3'],
  qualities: {},
  loudness: -14,
  cover: false,
  artist: '',
  previewStart: 0,
  parentFusionId: '',
  kept: {},
};

/** Whether keys are brought together as well. */
export function matchesKeys(matching: Matching): boolean {
  return matching === 'key' || matching === 'full';
}
