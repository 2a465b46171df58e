import { Mode } from '@/api/gen/puremusic/mir/v1/mir_pb';

/** A key as a person names it: pitch class 0 (C) to 11 (B), major or minor. */
export interface KeyName {
  readonly tonic: number;
  readonly mode: Mode.MAJOR | Mode.MINOR;
}

// As the API spells them: with the fewer accidentals in the key signature.
const MAJOR = ['C', 'Db', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B'];
const MINOR = ['C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'G#', 'A', 'Bb', 'B'];

const FIFTH = 7;
const CAMELOT_OF_C = 8;

/** The tonic as musicians write it in this mode: `F#`. */
export function tonicName({ tonic, mode }: KeyName): string {
  return (mode === Mode.MAJOR ? MAJOR : MINOR)[tonic] ?? '?';
}

/** The key in words: `F# minor`. */
export function keyWords(key: KeyName): string {
  return `${tonicName(key)} ${key.mode === Mode.MAJOR ? 'major' : 'minor'}`;
}

/** The place on the Camelot wheel that DJs use, `1A` to `12B`; neighbours sound well together. */
export function camelotOf({ tonic, mode }: KeyName): string {
  const major = mode === Mode.MAJOR ? tonic : (tonic + 3) % 12;
  return `${((CAMELOT_OF_C - 1 + major * FIFTH) % 12) + 1}${mode === Mode.MAJOR ? 'B' : 'A'}`;
}

/** The tonics of a mode round the circle of fifths, clockwise from the top; major and minor relatives have one place. */
export function circleOfFifths(mode: KeyName['mode']): readonly KeyName[] {
  const top = mode === Mode.MAJOR ? 0 : 9;
  return Array.from({ length: 12 }, (_, place) => ({ tonic: (top + place * FIFTH) % 12, mode }));
}

/** Whether two keys are one. */
export function sameKey(one: KeyName | undefined, other: KeyName | undefined): boolean {
  return one !== undefined && one.tonic === other?.tonic && one.mode === other.mode;
}

/** The key of an answer; undefined where it says none that is known here. */
export function keyOf(told: { readonly tonic: number; readonly mode: Mode } | undefined): KeyName | undefined {
  if (!told || (told.mode !== Mode.MAJOR && told.mode !== Mode.MINOR)) return undefined;
  return { tonic: told.tonic, mode: told.mode };
}
