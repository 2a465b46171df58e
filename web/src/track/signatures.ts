import type { Signature } from './corrections';

/** The time signatures of most songs. */
export const USUAL_SIGNATURES: readonly string[] = [
  '4/4',
  '3/4',
  '2/4',
  '6/8',
  '12/8',
  '5/4',
  '7/4',
  '7/8',
  '9/8',
  '5/8',
];

/** As it is written: `6/8`. */
export function signatureWords({ numerator, denominator }: Signature): string {
  return `${numerator}/${denominator}`;
}

/** What is written so; undefined for what is no time signature. */
export function signatureFrom(words: string): Signature | undefined {
  const [, numerator, denominator] = /^(\d{1,2})\/(\d{1,2})$/.exec(words) ?? [];
  return numerator && denominator ? { numerator: Number(numerator), denominator: Number(denominator) } : undefined;
}
