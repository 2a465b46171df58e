import type { Failure } from '@/api/failures';
import { numberWords } from './words';

/** What is missing is being made, or can be: go on by itself when it is there. */
export interface Wait {
  readonly kind: 'analysis' | 'separation';
  readonly trackId: string;
}

/** What can be done about a refusal, by pressing a button. */
export type Remedy =
  | Wait
  | { readonly kind: 'track'; readonly trackId: string }
  | { readonly kind: 'automatic'; readonly target: 'tempo' | 'key' }
  | { readonly kind: 'unmatched' | 'whole-length' | 'mix' | 'retry' }
  | { readonly kind: 'preview-start'; readonly seconds: number };

export interface Obstacle {
  readonly message: string;
  readonly remedies: readonly Remedy[];
}

// The settings of the API in the words of the page.
const SETTINGS: Readonly<Record<string, string>> = {
  loudness_lufs: 'The loudness',
  start_seconds: 'The beginning of the preview',
  choice: 'The plan',
  count: 'The number of plans',
};

const TEMPO_REASONS = new Set([
  'TARGET_TEMPO_OUT_OF_RANGE',
  'TARGET_TEMPO_OUT_OF_REACH',
  'TARGET_TRACK_WITHOUT_TEMPO',
  'TEMPI_TOO_FAR_APART',
]);
const KEY_REASONS = new Set(['TARGET_TRACK_WITHOUT_KEY', 'TARGET_KEY_INVALID', 'KEY_NOT_MATCHED']);
const LENGTH_REASONS = new Set(['BARS_OUT_OF_RANGE', 'BARS_NEED_BEATS', 'SONG_TOO_LONG', 'SONG_EMPTY']);
const MIX_REASONS = new Set(['NO_STEMS', 'TOO_MANY_STEMS', 'STEM_EMPTY', 'DUPLICATE_STEM', 'GAIN_OUT_OF_RANGE']);

/** What stands in the way of a fusion, and what can be done about it. */
export function obstacleOf(failure: Failure): Obstacle {
  return { message: messageOf(failure), remedies: remediesOf(failure) };
}

function messageOf({ reason, message, metadata }: Failure): string {
  const { setting, low, high } = metadata;
  switch (reason) {
    case 'ANALYSIS_NOT_READY':
      return 'To match songs, PureMusic must have listened to each of them; one of them it has not heard to its end.';
    case 'STEM_NOT_READY':
      return 'One of the songs is still being taken apart.';
    case 'SETTING_OUT_OF_RANGE':
      return `${SETTINGS[setting ?? ''] ?? `“${setting}”`} must lie between ${low} and ${high}. Change it, then try again.`;
    case 'PREVIEW_OUT_OF_RANGE':
      return `The song is ${numberWords(Number(metadata.song_seconds), 0)} seconds long: choose an earlier place to listen to.`;
    case 'TOO_MANY_JOBS':
      return `${message} Wait until something is finished, or cancel something.`;
    default:
      return message;
  }
}

function remediesOf({ reason, retryable, metadata }: Failure): Remedy[] {
  const trackId = metadata.track_id ?? '';
  if (reason === 'ANALYSIS_NOT_READY') return [{ kind: 'analysis', trackId }, { kind: 'unmatched' }];
  if (reason === 'STEM_NOT_READY') return [{ kind: 'separation', trackId }];
  if (reason === 'STEM_NOT_FOUND') return [{ kind: 'mix' }, ...(trackId ? [track(trackId)] : [])];
  if (reason === 'TEMPI_TOO_FAR_APART') return [{ kind: 'unmatched' }];
  if (TEMPO_REASONS.has(reason)) return [{ kind: 'automatic', target: 'tempo' }, ...(trackId ? [track(trackId)] : [])];
  if (KEY_REASONS.has(reason)) return [{ kind: 'automatic', target: 'key' }, ...(trackId ? [track(trackId)] : [])];
  if (LENGTH_REASONS.has(reason)) return [{ kind: 'whole-length' }];
  if (reason === 'PREVIEW_OUT_OF_RANGE') {
    return [{ kind: 'preview-start', seconds: Math.max(0, Number(metadata.song_seconds) - 15) }];
  }
  if (MIX_REASONS.has(reason)) return [{ kind: 'mix' }];
  const again = retryable || ['UNKNOWN', 'TOO_MANY_JOBS', 'RATE_LIMITED'].includes(reason);
  return again ? [{ kind: 'retry' }] : [];
}

function track(trackId: string): Remedy {
  return { kind: 'track', trackId };
}
