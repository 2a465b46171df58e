import { clone, create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type Analysis,
  AnalysisSchema,
  type Corrections,
  CorrectionsSchema,
  HeardSchema,
  KeyCorrectionSchema,
  KeySchema,
  TempoCandidateSchema,
  TempoCorrectionSchema,
  TempoSchema,
  TimeSignatureCorrectionSchema,
  TimeSignatureSchema,
  type UpdateAnalysisRequestSchema,
} from '@/api/gen/puremusic/mir/v1/mir_pb';
import { camelotOf, type KeyName, keyWords } from './pitch';

/** A time signature as it is written: 6 and 8 for 6/8. */
export interface Signature {
  readonly numerator: number;
  readonly denominator: number;
}

/** One thing that a person says of a song; null takes it back. */
export type Correction =
  | { readonly field: 'tempo'; readonly said: number | null }
  | { readonly field: 'downbeat_seconds'; readonly said: number | null }
  | { readonly field: 'key'; readonly said: KeyName | null }
  | { readonly field: 'time_signature'; readonly said: Signature | null };

/** The request that says it: the mask names what is said, and an absent value takes it back. */
export function correctionRequest(
  trackId: string,
  correction: Correction,
): MessageInitShape<typeof UpdateAnalysisRequestSchema> {
  const corrections = create(CorrectionsSchema);
  say(corrections, correction);
  return { trackId, corrections, updateMask: { paths: [correction.field] } };
}

/** Whether something of this field is said. */
export function isSaid({ corrections }: Analysis, field: Correction['field']): boolean {
  switch (field) {
    case 'tempo':
      return corrections?.tempo !== undefined;
    case 'downbeat_seconds':
      return corrections?.downbeatSeconds !== undefined;
    case 'key':
      return corrections?.key !== undefined;
    case 'time_signature':
      return corrections?.timeSignature !== undefined;
  }
}

/**
 * The analysis as it will be told once this is said, as far as the page can know: tempo, key and time signature. Beats, bars
 * and sections follow with the answer.
 */
export function anticipated(analysis: Analysis, correction: Correction): Analysis {
  const next = clone(AnalysisSchema, analysis);
  next.heard ??= create(HeardSchema, plain(analysis));
  next.corrections ??= create(CorrectionsSchema);
  say(next.corrections, correction);
  switch (correction.field) {
    case 'tempo':
      next.tempo = correction.said === null ? next.heard.tempo : saidTempo(next, correction.said);
      break;
    case 'key':
      next.key = correction.said === null ? next.heard.key : saidKey(correction.said);
      break;
    case 'time_signature':
      next.timeSignature =
        correction.said === null
          ? next.heard.timeSignature
          : create(TimeSignatureSchema, { ...correction.said, confidence: 1 });
      break;
    case 'downbeat_seconds':
      if (next.beats && correction.said !== null) next.beats.downbeatConfidence = 1;
      break;
  }
  if (saysNothing(next.corrections)) next.corrections = undefined;
  return next;
}

function plain({ tempo, key, timeSignature }: Analysis) {
  return { ...(tempo && { tempo }), ...(key && { key }), ...(timeSignature && { timeSignature }) };
}

function say(corrections: Corrections, correction: Correction): void {
  switch (correction.field) {
    case 'tempo':
      corrections.tempo =
        correction.said === null
          ? undefined
          : create(TempoCorrectionSchema, { tempo: { case: 'bpm', value: correction.said } });
      break;
    case 'downbeat_seconds':
      corrections.downbeatSeconds = correction.said ?? undefined;
      break;
    case 'key':
      corrections.key = correction.said === null ? undefined : create(KeyCorrectionSchema, correction.said);
      break;
    case 'time_signature':
      corrections.timeSignature =
        correction.said === null ? undefined : create(TimeSignatureCorrectionSchema, correction.said);
      break;
  }
}

function saidTempo({ tempo, heard }: Analysis, bpm: number) {
  const told = tempo ?? heard?.tempo;
  return create(TempoSchema, {
    ...(told && { steady: told.steady, curve: told.curve, grid: told.grid }),
    bpm,
    confidence: 1,
    candidates: [create(TempoCandidateSchema, { bpm, share: 1 })],
  });
}

function saidKey(key: KeyName) {
  return create(KeySchema, { ...key, name: keyWords(key), camelot: camelotOf(key), confidence: 1 });
}

function saysNothing({ tempo, key, timeSignature, downbeatSeconds }: Corrections): boolean {
  return !tempo && !key && !timeSignature && downbeatSeconds === undefined;
}
