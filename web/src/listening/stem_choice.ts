import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import type { ListStemsResponse, Stem, StemsInProgress } from '@/api/gen/puremusic/separation/v1/separation_pb';
import { STEM_NAMES, type StemName } from './stem_names';
import { stemName } from './stem_types';

/** Which of a track's stems is meant by its name: a finished one, or one that is being made. */
export type StemChoice =
  | { readonly type: StemName; readonly stem: Stem }
  | { readonly type: StemName; readonly progress: StemsInProgress };

/** One stem per name: the newest separation's where several models made one; otherwise one that is being made. */
export function chooseStems(listed: ListStemsResponse, card: TrackCard): StemChoice[] {
  const newest = new Set(card.stems.map((stem) => stem.stemId));
  return STEM_NAMES.flatMap((type): StemChoice[] => {
    const made = listed.stems.filter((stem) => stemName(stem.type) === type);
    const stem = made.find((one) => newest.has(one.stemId)) ?? made[0];
    if (stem) return [{ type, stem }];
    const progress = listed.inProgress.find((one) => one.stemTypes.some((made) => stemName(made) === type));
    return progress ? [{ type, progress }] : [];
  });
}
