import { useQuery } from '@tanstack/react-query';
import { fusions } from '@/api/clients';
import type { FusionFormat } from '@/api/gen/puremusic/fusion/v1/fusion_pb';

// Addresses are good for longer; a page that stays open gets a fresh one when playing fails.
const FRESH_MS = 5 * 60_000;

/** An address is not exchanged while it plays: that would begin the song anew. */
export const LASTING = { staleTime: FRESH_MS, refetchOnWindowFocus: false, refetchOnReconnect: false };

/** Where a file of a finished fusion is fetched from, to be played in the page. */
export function usePlayAddress(fusionId: string | undefined, format: FusionFormat | undefined) {
  return useQuery({
    queryKey: ['fusion-address', fusionId, format],
    queryFn: ({ signal }) =>
      fusions.getDownloadUrl({ fusionId: fusionId ?? '', format: format ?? 0, inline: true }, { signal }),
    enabled: fusionId !== undefined && format !== undefined,
    ...LASTING,
    select: ({ url }) => url,
  });
}
