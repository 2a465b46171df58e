import { create } from '@bufbuild/protobuf';
import { type Encoding, EncodingSchema, FusionFormat } from '@/api/gen/puremusic/fusion/v1/fusion_pb';

export type FormatName = 'wav' | 'flac' | 'mp3' | 'ogg' | 'opus' | 'stems' | 'dj';

interface Quality {
  readonly id: string;
  readonly label: string;
  readonly says: { readonly bits?: number; readonly quality?: number; readonly bitrateKbps?: number };
}

export interface Format {
  readonly name: FormatName;
  readonly number: FusionFormat;
  readonly label: string;
  /** What it is good for, for people who don't know. */
  readonly use: string;
  /** The media type that a browser is asked whether it plays; empty: it isn't played. */
  readonly type: string;
  /** The usual one first; empty where there is nothing to choose. */
  readonly qualities: readonly Quality[];
}

const BITS_24 = { id: '24', label: '24 bit (usual)', says: { bits: 24 } };
const BITS_16 = { id: '16', label: '16 bit, as on a CD', says: { bits: 16 } };

/** All files that a song can become, the most common ones first. */
export const FORMATS: readonly Format[] = [
  {
    name: 'wav',
    number: FusionFormat.WAV,
    label: 'WAV',
    use: 'Every detail, for music programs. Large.',
    type: 'audio/wav',
    qualities: [BITS_24, BITS_16, { id: '32', label: '32 bit (float)', says: { bits: 32 } }],
  },
  {
    name: 'flac',
    number: FusionFormat.FLAC,
    label: 'FLAC',
    use: 'Every detail, about half as large.',
    type: 'audio/flac',
    qualities: [BITS_24, BITS_16],
  },
  {
    name: 'mp3',
    number: FusionFormat.MP3,
    label: 'MP3',
    use: 'Small, and plays everywhere.',
    type: 'audio/mpeg',
    qualities: [
      { id: 'v0', label: 'Best (usual)', says: { quality: 0 } },
      { id: '320', label: '320 kbit/s, constant', says: { bitrateKbps: 320 } },
      { id: '192', label: '192 kbit/s, smaller', says: { bitrateKbps: 192 } },
    ],
  },
  {
    name: 'ogg',
    number: FusionFormat.OGG,
    label: 'OGG',
    use: 'Small; for games and open players.',
    type: 'audio/ogg; codecs=vorbis',
    qualities: [
      { id: '7', label: 'High (usual)', says: { quality: 7 } },
      { id: '10', label: 'Highest', says: { quality: 10 } },
      { id: '4', label: 'Smaller', says: { quality: 4 } },
    ],
  },
  {
    name: 'opus',
    number: FusionFormat.OPUS,
    label: 'Opus',
    use: 'The smallest that still sounds good.',
    type: 'audio/ogg; codecs=opus',
    qualities: [
      { id: '160', label: '160 kbit/s (usual)', says: { bitrateKbps: 160 } },
      { id: '256', label: '256 kbit/s', says: { bitrateKbps: 256 } },
      { id: '96', label: '96 kbit/s, smaller', says: { bitrateKbps: 96 } },
    ],
  },
  {
    name: 'stems',
    number: FusionFormat.STEMS_ZIP,
    label: 'Stems (zip)',
    use: 'Every voice as a file of its own, to go on elsewhere.',
    type: '',
    qualities: [],
  },
  {
    name: 'dj',
    number: FusionFormat.STEM_MP4,
    label: 'DJ stems (.stem.mp4)',
    use: 'The song and four voices in one file, for DJ software.',
    type: '',
    qualities: [],
  },
];

// Without hearing a difference, the fewest bytes first.
const PLAYED_FIRST: readonly FormatName[] = ['mp3', 'opus', 'ogg', 'flac', 'wav'];

/** The format of a name. */
export function formatNamed(name: FormatName): Format {
  const found = FORMATS.find((format) => format.name === name);
  if (!found) throw new Error(`no format ${name}`);
  return found;
}

/** The format with the contract's number; undefined for one that this page doesn't know yet. */
export function formatOf(number: FusionFormat): Format | undefined {
  return FORMATS.find((format) => format.number === number);
}

/** A file as the API takes it: of this format, in the quality with this id or the usual one. */
export function encodingOf(name: FormatName, qualityId?: string): Encoding {
  const format = formatNamed(name);
  const quality = format.qualities.find(({ id }) => id === qualityId) ?? format.qualities[0];
  return create(EncodingSchema, { format: format.number, ...quality?.says });
}

/** The id of the quality that an encoding asks for; undefined for the usual one. */
export function qualityOf(encoding: Encoding): string | undefined {
  const usual = formatOf(encoding.format)?.qualities.slice(1) ?? [];
  return usual.find(
    ({ says }) =>
      (says.bits ?? 0) === encoding.bits &&
      (says.bitrateKbps ?? 0) === encoding.bitrateKbps &&
      (says.quality ?? undefined) === encoding.quality,
  )?.id;
}

/** Which of these files is played in the page: the smallest that the browser plays; undefined if it plays none. */
export function playedOf(made: readonly FusionFormat[], plays: (type: string) => boolean): Format | undefined {
  const there = PLAYED_FIRST.map(formatNamed).filter((format) => made.includes(format.number));
  return there.find((format) => plays(format.type));
}

/** A size in bytes for people: `4.2 MB`. */
export function sizeOf(bytes: bigint): string {
  const size = Number(bytes);
  if (size < 1e6) return `${Math.max(1, Math.round(size / 1e3))} kB`;
  return size < 1e9 ? `${(size / 1e6).toFixed(1)} MB` : `${(size / 1e9).toFixed(2)} GB`;
}
