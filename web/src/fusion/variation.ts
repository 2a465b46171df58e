import { type JsonObject, toJson } from '@bufbuild/protobuf';
import {
  ArrangeMode,
  type Fusion,
  KeyMode,
  LengthPolicy,
  MatchMode,
  type SelectedStem,
  SelectedStemSchema,
} from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { isStemName, type StemName } from '@/listening/stem_names';
import {
  type Choices,
  type KeyChoice,
  type LengthPolicy as Length,
  type Matching,
  type TempoChoice,
  USUAL,
} from './choices';
import { type FormatName, formatOf, qualityOf } from './formats';

/** A stem of an earlier fusion that can be in the mix. */
export interface MixedStem {
  readonly trackId: string;
  readonly type: StemName;
  readonly gainDb: number;
  readonly pan: number;
  readonly mute: boolean;
  readonly solo: boolean;
}

/** A fusion as the mix and the choices that would make it again. */
export interface Variation {
  readonly stems: readonly MixedStem[];
  readonly choices: Choices;
  /** The plan that it was made by, 1 for the best. */
  readonly rank: number;
  /** How many of its stems can't be in the mix: what the stems leave of a song is only there for programs. */
  readonly left: number;
}

const MATCHINGS: Readonly<Partial<Record<MatchMode, Matching>>> = {
  [MatchMode.TEMPO]: 'tempo',
  [MatchMode.TEMPO_AND_KEY]: 'key',
  [MatchMode.FULL]: 'full',
};
const LENGTHS: Readonly<Partial<Record<LengthPolicy, Length>>> = {
  [LengthPolicy.SHORTEST]: 'shortest',
  [LengthPolicy.BARS]: 'bars',
};

/** Returns what to begin a variation of a fusion with: its stems and all that was chosen for it. */
export function variationOf(fusion: Fusion): Variation {
  const stems = fusion.stems.filter((stem) => isStemName(stem.type));
  return {
    stems: stems.map(({ trackId, type, gainDb, pan, mute, solo }) => ({
      trackId,
      type: type as StemName,
      gainDb,
      pan,
      mute,
      solo,
    })),
    choices: choicesOf(fusion, stems),
    rank: fusion.plan?.rank || 1,
    left: fusion.stems.length - stems.length,
  };
}

function choicesOf(fusion: Fusion, stems: readonly SelectedStem[]): Choices {
  const { match, length, output } = fusion;
  return {
    ...USUAL,
    matching: MATCHINGS[match?.mode ?? MatchMode.NONE] ?? 'none',
    tempo: tempoOf(fusion),
    key: keyOf(fusion),
    arrange: match?.arrange === ArrangeMode.AUTOMATIC,
    balance: fusion.balance,
    length: LENGTHS[length?.policy ?? LengthPolicy.LONGEST] ?? 'longest',
    bars: length?.bars || USUAL.bars,
    ...filesOf(fusion),
    loudness: output?.unmastered ? undefined : (output?.loudnessLufs ?? USUAL.loudness),
    cover: output?.cover ?? false,
    artist: output?.tags?.artist ?? '',
    parentFusionId: fusion.fusionId,
    kept: Object.fromEntries(stems.flatMap(keptOf)),
  };
}

function filesOf({ output }: Fusion): Pick<Choices, 'formats' | 'qualities'> {
  if (!output?.encodings.length) return { formats: USUAL.formats, qualities: {} };
  const formats: FormatName[] = [];
  const qualities: Partial<Record<FormatName, string>> = {};
  for (const encoding of output.encodings) {
    const format = formatOf(encoding.format);
    if (!format) continue;
    formats.push(format.name);
    const quality = qualityOf(encoding);
    if (quality) qualities[format.name] = quality;
  }
  return { formats, qualities };
}

function tempoOf({ match }: Fusion): TempoChoice {
  if (match?.tempo.case === 'bpm') return { by: 'bpm', bpm: match.tempo.value };
  if (match?.tempo.case === 'tempoTrackId') return { by: 'track', trackId: match.tempo.value };
  return { by: 'automatic' };
}

function keyOf({ match }: Fusion): KeyChoice {
  if (match?.key.case === 'keyTrackId') return { by: 'track', trackId: match.key.value };
  if (match?.key.case !== 'targetKey') return { by: 'automatic' };
  const { tonic, mode } = match.key.value;
  return { by: 'key', tonic, minor: mode === KeyMode.MINOR };
}

const IN_THE_MIX = ['stemId', 'trackId', 'type', 'gainDb', 'pan', 'mute', 'solo'];

/** What a stem is set to beyond what the mix has room for, by its voice's key; nothing if there is nothing. */
function keptOf(stem: SelectedStem): [string, JsonObject][] {
  const all = toJson(SelectedStemSchema, stem) as JsonObject;
  const more = Object.fromEntries(Object.entries(all).filter(([name]) => !IN_THE_MIX.includes(name)));
  return Object.keys(more).length ? [[`${stem.trackId}/${stem.type}`, more]] : [];
}
