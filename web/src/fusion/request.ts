import { create, fromJson, toJsonString } from '@bufbuild/protobuf';
import {
  ArrangeMode,
  type CreateFusionRequest,
  CreateFusionRequestSchema,
  KeyMode,
  KeySchema,
  type Length,
  LengthPolicy,
  LengthSchema,
  MatchMode,
  MatchSchema,
  type Output,
  OutputSchema,
  PreviewSchema,
  type SelectedStem,
  SelectedStemSchema,
  type SuggestFusionRequest,
  SuggestFusionRequestSchema,
} from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import type { Voice } from '@/mixer/mix';
import { type Choices, type Matching, matchesKeys, PREVIEW_SECONDS } from './choices';
import { encodingOf } from './formats';

export const MODES: Readonly<Record<Matching, MatchMode>> = {
  none: MatchMode.NONE,
  tempo: MatchMode.TEMPO,
  key: MatchMode.TEMPO_AND_KEY,
  full: MatchMode.FULL,
};
export const LENGTHS = {
  longest: LengthPolicy.LONGEST,
  shortest: LengthPolicy.SHORTEST,
  bars: LengthPolicy.BARS,
} as const;

/** The mix's voices as the API takes them, with what was kept of an earlier version beside fader and pan. */
export function stemsOf(voices: readonly Voice[], kept: Choices['kept']): SelectedStem[] {
  return voices.map((voice) => {
    const more = kept[voice.key];
    const stem = more ? fromJson(SelectedStemSchema, more, { ignoreUnknownFields: true }) : create(SelectedStemSchema);
    const { trackId, type, gainDb, pan, mute, solo } = voice;
    return Object.assign(stem, { trackId, type, gainDb, pan, mute, solo });
  });
}

/** What SuggestFusion is asked: the best ways to bring these voices together. */
export function suggestionRequest(voices: readonly Voice[], choices: Choices): SuggestFusionRequest {
  return create(SuggestFusionRequestSchema, {
    stems: stemsOf(voices, choices.kept),
    match: matchOf(voices, choices),
    length: lengthOf(choices),
    count: 4,
  });
}

/** What CreateFusion is asked for the whole song; `rank` is the chosen plan's, 1 for the best. */
export function fusionRequest(
  voices: readonly Voice[],
  choices: Choices,
  rank: number,
  title: string,
): CreateFusionRequest {
  return create(CreateFusionRequestSchema, {
    ...wish(voices, choices, rank),
    title: title.trim(),
    parentFusionId: choices.parentFusionId,
    output: outputOf(choices),
  });
}

/** What CreateFusion is asked for 15 seconds of it, to listen to at once. */
export function previewRequest(voices: readonly Voice[], choices: Choices, rank: number): CreateFusionRequest {
  return create(CreateFusionRequestSchema, {
    ...wish(voices, choices, rank),
    output: create(OutputSchema, { ...loudnessOf(choices), encodings: [encodingOf('flac', '16')] }),
    preview: create(PreviewSchema, { startSeconds: choices.previewStart, durationSeconds: PREVIEW_SECONDS }),
  });
}

/** A request as a text: two that are equal ask for the same song. */
export function fingerprint(request: CreateFusionRequest): string {
  return toJsonString(CreateFusionRequestSchema, { ...request, idempotencyKey: '' });
}

function wish(voices: readonly Voice[], choices: Choices, rank: number) {
  return {
    stems: stemsOf(voices, choices.kept),
    match: matchOf(voices, choices),
    length: lengthOf(choices),
    choice: choices.matching === 'none' ? 0 : rank,
    balance: choices.balance && severalSongs(voices),
  };
}

/** Whether stems of more than one song are in the mix. */
export function severalSongs(voices: readonly Voice[]): boolean {
  return new Set(voices.map(({ trackId }) => trackId)).size > 1;
}

/** A target that belongs to a song which left the mix, or needs matching that is off, counts as automatic. */
function matchOf(voices: readonly Voice[], choices: Choices) {
  const { matching, tempo, key } = choices;
  const match = create(MatchSchema, {
    mode: MODES[matching],
    arrange: choices.arrange ? ArrangeMode.AUTOMATIC : ArrangeMode.AS_GIVEN,
  });
  const there = (trackId: string) => voices.some((voice) => voice.trackId === trackId);
  if (matching === 'none') return match;
  if (tempo.by === 'bpm') match.tempo = { case: 'bpm', value: tempo.bpm };
  if (tempo.by === 'track' && there(tempo.trackId)) match.tempo = { case: 'tempoTrackId', value: tempo.trackId };
  if (!matchesKeys(matching)) return match;
  if (key.by === 'track' && there(key.trackId)) match.key = { case: 'keyTrackId', value: key.trackId };
  if (key.by !== 'key') return match;
  const mode = key.minor ? KeyMode.MINOR : KeyMode.MAJOR;
  match.key = { case: 'targetKey', value: create(KeySchema, { tonic: key.tonic, mode }) };
  return match;
}

/** Bars are counted on a common beat: without one, the longest stem says how long the song is. */
function lengthOf({ length, bars, matching }: Choices): Length {
  if (length === 'bars' && matching === 'none') return create(LengthSchema, { policy: LengthPolicy.LONGEST });
  return create(LengthSchema, { policy: LENGTHS[length], bars: length === 'bars' ? bars : 0 });
}

function outputOf(choices: Choices): Output {
  const artist = choices.artist.trim();
  return create(OutputSchema, {
    ...loudnessOf(choices),
    encodings: choices.formats.map((name) => encodingOf(name, choices.qualities[name])),
    cover: choices.cover,
    ...(artist ? { tags: { artist } } : {}),
  });
}

function loudnessOf({ loudness }: Choices): { unmastered: true } | { loudnessLufs: number } {
  return loudness === undefined ? { unmastered: true } : { loudnessLufs: loudness };
}
