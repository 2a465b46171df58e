import { useEffect } from 'react';
import type { TrackStems } from '@/listening';
import { useMix } from './mix';

/** Songs that were added as a whole get the stems that they have, as soon as these are known. */
export function useSettledMix(songs: readonly TrackStems[]): void {
  const unsettled = useMix((mix) => mix.unsettled);
  const settle = useMix((mix) => mix.settle);
  useEffect(() => {
    for (const { trackId, stems } of songs) {
      if (stems.length > 0 && unsettled.includes(trackId)) {
        settle(
          trackId,
          stems.map((stem) => stem.type),
        );
      }
    }
  }, [songs, unsettled, settle]);
}
