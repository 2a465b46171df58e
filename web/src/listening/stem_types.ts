import { StemType } from '@/api/gen/puremusic/separation/v1/separation_pb';
import type { StemName } from './stem_names';

const NAMES: ReadonlyMap<StemType, StemName> = new Map([
  [StemType.VOCALS, 'vocals'],
  [StemType.DRUMS, 'drums'],
  [StemType.BASS, 'bass'],
  [StemType.OTHER, 'other'],
  [StemType.GUITAR, 'guitar'],
  [StemType.PIANO, 'piano'],
]);

/** The stem's name; undefined for residuals, which nobody listens to. */
export function stemName(type: StemType): StemName | undefined {
  return NAMES.get(type);
}
