import type { StemName } from './stem_names';

/** Classes that fill something with a stem's colour. Written out, because Tailwind finds classes by their whole names. */
export const STEM_FILLS: Readonly<Record<StemName, string>> = {
  vocals: 'bg-stem-vocals',
  drums: 'bg-stem-drums',
  bass: 'bg-stem-bass',
  other: 'bg-stem-other',
  guitar: 'bg-stem-guitar',
  piano: 'bg-stem-piano',
};
