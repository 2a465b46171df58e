import { useQueries, useQuery } from '@tanstack/react-query';
import { fusions, tracks } from '@/api/clients';
import { type Fusion, FusionStatus } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { TrackFile } from '@/api/gen/puremusic/ingest/v1/ingest_pb';
import { LASTING } from './address';
import { Places } from './places';
import type { Peaks } from './Waveform';

/** A song that the fusion is compared with, as its owner brought it. */
export interface Original {
  readonly trackId: string;
  readonly url: string;
  /** Seconds. */
  readonly duration: number;
  readonly peaks: Peaks;
}

const POINTS = 1200;
const FULL_SCALE = 32_768;

/** The songs that a fusion was made of, as far as they are still there, once somebody wants to hear them. */
export function useOriginals(trackIds: readonly string[], wanted: boolean): ReadonlyMap<string, Original> {
  const found = useQueries({
    queries: trackIds.map((trackId) => ({
      queryKey: ['original', trackId],
      queryFn: ({ signal }: { signal: AbortSignal }) => originalOf(trackId, signal),
      enabled: wanted,
      ...LASTING,
    })),
  });
  return new Map(found.flatMap(({ data }) => (data ? [[data.trackId, data] as const] : [])));
}

async function originalOf(trackId: string, signal: AbortSignal): Promise<Original> {
  const [file, waveform] = await Promise.all([
    tracks.getDownloadUrl({ trackId, file: TrackFile.MASTER }, { signal }),
    tracks.getWaveform({ trackId, points: POINTS }, { signal }),
  ]);
  const peaks: Peaks = [
    Float32Array.from(waveform.maxima, (value) => Math.max(0, value) / FULL_SCALE),
    Float32Array.from(waveform.minima, (value) => Math.min(0, value) / FULL_SCALE),
  ];
  return { trackId, url: file.url, duration: waveform.durationSeconds, peaks };
}

/** Which places of the fusion and of its songs belong together; undefined while that is not known. */
export function usePlaces({ fusionId, status }: Fusion): Places | undefined {
  const receipt = useQuery({
    queryKey: ['receipt', fusionId],
    queryFn: ({ signal }) => fusions.getReceipt({ fusionId }, { signal }),
    enabled: status === FusionStatus.COMPLETED,
    staleTime: Number.POSITIVE_INFINITY,
    select: placesOf,
  });
  return receipt.data;
}

const placesOf = ({ receipt }: Awaited<ReturnType<typeof fusions.getReceipt>>) => Places.of(receipt ?? {});
