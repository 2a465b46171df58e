import { useQueries } from '@tanstack/react-query';
import { library } from '@/api/clients';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { keys } from '@/api/queries';

/** What is known of songs, by their ids; those that are not (yet) known are left out. */
export type Songs = ReadonlyMap<string, TrackCard>;

/** What is known of these songs. Songs that are gone stay unknown. */
export function useSongs(trackIds: readonly string[]): Songs {
  const found = useQueries({
    queries: [...new Set(trackIds)].map((trackId) => ({
      queryKey: keys.card(trackId),
      queryFn: ({ signal }: { signal: AbortSignal }) => library.getCard({ trackId }, { signal }),
    })),
  });
  return new Map(found.flatMap(({ data }) => (data ? [[data.trackId, data] as const] : [])));
}

/** What a song is called. */
export function titleOf(songs: Songs, trackId: string): string {
  return songs.get(trackId)?.title || 'a song that is gone';
}
