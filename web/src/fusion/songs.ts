import { useQueries } from '@tanstack/react-query';
import { library } from '@/api/clients';
import { failureOf } from '@/api/failures';
import type { TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { keys } from '@/api/queries';

/** What is known of songs, by their ids: null of those that are gone, nothing of those that are still being asked for. */
export type Songs = ReadonlyMap<string, TrackCard | null>;

/** What is known of these songs. */
export function useSongs(trackIds: readonly string[]): Songs {
  const wanted = [...new Set(trackIds)];
  const found = useQueries({
    queries: wanted.map((trackId) => ({
      queryKey: keys.card(trackId),
      queryFn: ({ signal }: { signal: AbortSignal }) => library.getCard({ trackId }, { signal }),
    })),
  });
  const known = found.flatMap(({ data, error }, at): [string, TrackCard | null][] => {
    const trackId = wanted[at];
    if (trackId === undefined) return [];
    if (data) return [[trackId, data]];
    return isGone(error) ? [[trackId, null]] : [];
  });
  return new Map(known);
}

function isGone(error: unknown): boolean {
  return error !== null && failureOf(error).reason === 'TRACK_NOT_FOUND';
}

/** What a song is called. */
export function titleOf(songs: Songs, trackId: string): string {
  const song = songs.get(trackId);
  if (song === null) return 'A song that is gone';
  return song?.title || 'A song';
}
