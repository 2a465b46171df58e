/** A key that a fusion can be brought to: pitch class 0 (C) to 11 (B), major or minor. */
export interface TargetKey {
  readonly tonic: number;
  readonly minor: boolean;
}

// As the API spells them: with the fewer accidentals in the key signature.
const MAJOR = ['C', 'Db', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B'];
const MINOR = ['C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'G#', 'A', 'Bb', 'B'];

/** All keys with their names. */
export const KEYS: readonly (TargetKey & { readonly label: string })[] = MAJOR.flatMap((name, tonic) => [
  { tonic, minor: false, label: `${name} major` },
  { tonic, minor: true, label: `${MINOR[tonic]} minor` },
]);

/** A key as the value of a choice. */
export function keyId({ tonic, minor }: TargetKey): string {
  return `${tonic}${minor ? 'm' : ''}`;
}

/** The key of such a value. */
export function keyFrom(id: string): TargetKey {
  return { tonic: Number.parseInt(id, 10), minor: id.endsWith('m') };
}
