import { useCallback } from 'react';
import { useSearchParams } from 'wouter';
import { CardOrder, CardStatus } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import type { Option } from '@/design';

export type LibraryTab = 'songs' | 'fused';

/** What of the library is looked at, and how. It lives in the page's address, so that a reload and a link keep it. */
export interface LibraryView {
  readonly tab: LibraryTab;
  readonly search: string;
  readonly order: string;
  readonly status: string;
}

export const SONG_ORDERS: readonly Option<string>[] = [
  { value: 'newest', label: 'Newest first' },
  { value: 'oldest', label: 'Oldest first' },
  { value: 'title', label: 'Title' },
  { value: 'tempo', label: 'Tempo' },
  { value: 'key', label: 'Key' },
  { value: 'duration', label: 'Length' },
];

export const FUSED_ORDERS: readonly Option<string>[] = SONG_ORDERS.filter(({ value }) =>
  ['newest', 'oldest', 'title'].includes(value),
);

export const SONG_STATUSES: readonly Option<string>[] = [
  { value: '', label: 'All songs' },
  { value: 'ready', label: 'Ready to mix' },
  { value: 'working', label: 'Being taken apart' },
  { value: 'whole', label: 'Not taken apart' },
  { value: 'unfinished', label: 'Not uploaded to the end' },
  { value: 'failed', label: 'With a problem' },
];

const CARD_ORDERS: Readonly<Record<string, CardOrder>> = {
  newest: CardOrder.NEWEST,
  oldest: CardOrder.OLDEST,
  title: CardOrder.TITLE,
  tempo: CardOrder.TEMPO,
  key: CardOrder.KEY,
  duration: CardOrder.DURATION,
};

const CARD_STATUSES: Readonly<Record<string, CardStatus>> = {
  ready: CardStatus.SEPARATED,
  working: CardStatus.SEPARATING,
  whole: CardStatus.UPLOADED,
  unfinished: CardStatus.AWAITING_UPLOAD,
  failed: CardStatus.FAILED,
};

const MOST_SEARCHED = 200;

/** The view that an address names; what it names wrongly is as if it were not there. */
export function viewOf(params: URLSearchParams): LibraryView {
  return {
    tab: params.get('tab') === 'fused' ? 'fused' : 'songs',
    search: (params.get('search') ?? '').slice(0, MOST_SEARCHED),
    order: params.get('order') ?? 'newest',
    status: params.get('status') ?? '',
  };
}

/** The address's parameters for a view; what is as usual is left out. */
export function paramsOf({ tab, search, order, status }: LibraryView): URLSearchParams {
  const params = new URLSearchParams();
  if (tab !== 'songs') params.set('tab', tab);
  if (search) params.set('search', search.slice(0, MOST_SEARCHED));
  if (order !== 'newest') params.set('order', order);
  if (status) params.set('status', status);
  return params;
}

/** What the API is asked for to show the songs of a view. */
export function cardsWish({ search, order, status }: LibraryView) {
  return {
    search: search.trim(),
    order: CARD_ORDERS[order] ?? CardOrder.NEWEST,
    status: CARD_STATUSES[status] ?? CardStatus.UNSPECIFIED,
  };
}

/** Looks at the library otherwise. */
export type ChangeView = (patch: Partial<LibraryView>) => void;

/** The view of the page's address, and how to change it. */
export function useLibraryView(): readonly [LibraryView, ChangeView] {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (patch: Partial<LibraryView>) => setParams((now) => paramsOf({ ...viewOf(now), ...patch }), { replace: true }),
    [setParams],
  );
  return [viewOf(params), change];
}
