import { useQuery } from '@tanstack/react-query';
import { analyses, library, separations, tracks } from '@/api/clients';
import { failureOf } from '@/api/failures';
import { CardStatus, type TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import type { Analysis } from '@/api/gen/puremusic/mir/v1/mir_pb';
import { keys } from '@/api/queries';

// As many as the API draws; enough for 90 points a bar of a pop song.
const WAVEFORM_POINTS = 8_000;

/** What is known of a song as a whole. */
export function useCard(trackId: string) {
  return useQuery({ queryKey: keys.card(trackId), queryFn: ({ signal }) => library.getCard({ trackId }, { signal }) });
}

/** What was heard in a song, with a person's corrections; null while nobody has begun to listen. */
export function useAnalysis(trackId: string) {
  return useQuery({
    queryKey: keys.analysis(trackId),
    queryFn: async ({ signal }): Promise<Analysis | null> => {
      try {
        return await analyses.getAnalysis({ trackId }, { signal });
      } catch (error) {
        if (failureOf(error).reason === 'ANALYSIS_NOT_FOUND') return null;
        throw error;
      }
    },
  });
}

/** The song's picture: the least and greatest sample of each of many slices. It never changes. */
export function useWaveform(trackId: string, ready: boolean) {
  return useQuery({
    queryKey: ['waveform', trackId],
    queryFn: ({ signal }) => tracks.getWaveform({ trackId, points: WAVEFORM_POINTS }, { signal }),
    enabled: ready,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** All separations of a song, the newest first. Kept beside its stems, so that the same jobs make it stale. */
export function useSeparations(trackId: string) {
  return useQuery({
    queryKey: [...keys.stems(trackId), 'separations'],
    queryFn: ({ signal }) => separations.listSeparations({ trackId }, { signal }),
    select: (answer) => answer.separations,
  });
}

/** The models that stems can be made with here. */
export function useModels() {
  return useQuery({
    queryKey: keys.models(),
    queryFn: ({ signal }) => separations.listModels({}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    select: (answer) => answer.models,
  });
}

/** Whether a song's file has been checked and can be worked with. */
export function isReady(card: TrackCard): boolean {
  return (
    [CardStatus.UPLOADED, CardStatus.SEPARATING, CardStatus.SEPARATED].includes(card.status) || card.durationSeconds > 0
  );
}
