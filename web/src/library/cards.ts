import { type InfiniteData, keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { library } from '@/api/clients';
import type { ListCardsResponse, TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { keys, queryClient } from '@/api/queries';
import { cardsWish, type LibraryView } from './view';

const PAGE_SIZE = 100;

// Songs that were deleted from here: the library hears of it a moment later, and until then would show them again.
const deleted = new Set<string>();

/** The songs of a view, page by page; the last view's are shown until its first page is there. */
export function useCards(view: LibraryView) {
  const wish = cardsWish(view);
  const answer = useInfiniteQuery({
    queryKey: keys.cards({ ...wish, paged: true }),
    queryFn: ({ pageParam, signal }) =>
      library.listCards({ ...wish, pageSize: PAGE_SIZE, pageToken: pageParam }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
    placeholderData: keepPreviousData,
  });
  const pages = answer.data?.pages ?? [];
  const listed = pages.flatMap((page) => page.cards);
  const cards = listed.filter((card) => !deleted.has(card.trackId));
  return { ...answer, cards, total: Number(pages.at(-1)?.total ?? 0) - (listed.length - cards.length) };
}

type Pages = InfiniteData<ListCardsResponse, string>;

/** Takes a song that was deleted out of the library for good, at once. */
export function removeCard(trackId: string): void {
  deleted.add(trackId);
  patchCard(trackId, () => undefined);
}

/** Shows a song otherwise at once, before the library has heard of the change; undefined takes it away. */
export function patchCard(trackId: string, patch: (card: TrackCard) => TrackCard | undefined): void {
  queryClient.setQueriesData<Pages | ListCardsResponse>({ queryKey: keys.cards() }, (data) => {
    if (!data || !('pages' in data)) return data;
    return { ...data, pages: data.pages.map((page) => patchedPage(page, trackId, patch)) };
  });
  queryClient.setQueryData<TrackCard>(keys.card(trackId), (card) => card && patch(card));
}

function patchedPage(
  page: ListCardsResponse,
  trackId: string,
  patch: (card: TrackCard) => TrackCard | undefined,
): ListCardsResponse {
  const cards = page.cards.flatMap((card) => (card.trackId === trackId ? (patch(card) ?? []) : card));
  return { ...page, cards, total: page.total - BigInt(page.cards.length - cards.length) };
}
