import { StemType } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { STEM_NAMES, type StemName } from '@/listening';

const TYPES: Readonly<Record<StemName, StemType>> = {
  vocals: StemType.VOCALS,
  drums: StemType.DRUMS,
  bass: StemType.BASS,
  other: StemType.OTHER,
  guitar: StemType.GUITAR,
  piano: StemType.PIANO,
};

/** The names of stems that are meant by the contract's numbers, in the usual order; what nobody listens to is left out. */
export function stemNamesOf(types: readonly StemType[]): readonly StemName[] {
  return STEM_NAMES.filter((name) => types.includes(TYPES[name]));
}
