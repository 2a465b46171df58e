import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { fusions } from '@/api/clients';
import { FusionOrder } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { keys, queryClient } from '@/api/queries';
import type { LibraryView } from './view';

const PAGE_SIZE = 100;

const ORDERS: Readonly<Record<string, FusionOrder>> = {
  newest: FusionOrder.NEWEST,
  oldest: FusionOrder.OLDEST,
  title: FusionOrder.TITLE,
};

/** The fused songs of a view, page by page. */
export function useFusions({ search, order }: LibraryView) {
  const wish = { search: search.trim(), order: ORDERS[order] ?? FusionOrder.NEWEST };
  const answer = useInfiniteQuery({
    queryKey: keys.fusions({ ...wish, paged: true }),
    queryFn: ({ pageParam, signal }) =>
      fusions.listFusions({ ...wish, pageSize: PAGE_SIZE, pageToken: pageParam }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
    placeholderData: keepPreviousData,
  });
  return { ...answer, fusions: answer.data?.pages.flatMap((page) => page.fusions) ?? [] };
}

/** Gives a fused song another title; the list has it when this ends. */
export async function renameFusion(fusionId: string, title: string): Promise<void> {
  const renamed = await fusions.updateFusion({ fusion: { fusionId, title }, updateMask: { paths: ['title'] } });
  queryClient.setQueryData(keys.fusion(fusionId), renamed);
  await queryClient.invalidateQueries({ queryKey: keys.fusions() });
}

/** Deletes a fused song and its files. */
export async function deleteFusion(fusionId: string): Promise<void> {
  await fusions.deleteFusion({ fusionId });
  for (const queryKey of [keys.fusions(), keys.usage()]) await queryClient.invalidateQueries({ queryKey });
}

/** Stops a fusion that is being made. */
export async function cancelFusion(fusionId: string): Promise<void> {
  await fusions.cancelFusion({ fusionId });
  await queryClient.invalidateQueries({ queryKey: keys.fusions() });
}
