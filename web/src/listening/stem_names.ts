/** The stems there are, in the order in which they are shown and numbered on the keyboard. */
export const STEM_NAMES = ['vocals', 'drums', 'bass', 'other', 'guitar', 'piano'] as const;

export type StemName = (typeof STEM_NAMES)[number];

/** Stems in words for people. */
export const STEM_LABELS: Readonly<Record<StemName, string>> = {
  vocals: 'Vocals',
  drums: 'Drums',
  bass: 'Bass',
  other: 'Other',
  guitar: 'Guitar',
  piano: 'Piano',
};

/** Whether a word is the name of a stem. */
export function isStemName(word: string): word is StemName {
  return (STEM_NAMES as readonly string[]).includes(word);
}
