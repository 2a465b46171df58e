import { useCallback } from 'react';
import { CardStatus, type TrackCard } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { cx } from '@/design';
import { useUploads } from '@/uploads';
import { useCards } from './cards';
import { FilterBar } from './FilterBar';
import { ListFailed, ListPlaceholder, MoreComing, NothingFound } from './ListStates';
import { NoSongs } from './NoSongs';
import { ReadyNotice } from './ReadyNotice';
import { SelectionBar } from './SelectionBar';
import { SongRow } from './SongRow';
import { useTrackJobs } from './track_jobs';
import { VirtualList } from './VirtualList';
import { type ChangeView, type LibraryView, SONG_ORDERS, SONG_STATUSES } from './view';

const ROW_HEIGHT = 76;

/** The songs: searched, sorted, and as many as there are. */
export function SongsTab({ view, onChange }: { readonly view: LibraryView; readonly onChange: ChangeView }) {
  const found = useCards(view);
  const { isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const jobs = useTrackJobs();
  const uploads = useUploads();
  const cards = withoutUploads(found.cards, new Set(uploads.map((upload) => upload.trackId)));
  const total = found.total - (found.cards.length - cards.length);
  const narrowed = view.search !== '' || view.status !== '';
  const empty = !isPending && !error && cards.length === 0;

  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (empty && !narrowed) return <NoSongs onTheirWay={uploads.length} />;
  return (
    <div className="flex flex-col gap-4">
      <ReadyNotice cards={cards} />
      <FilterBar
        view={view}
        onChange={onChange}
        searchLabel="Search songs"
        orders={SONG_ORDERS}
        statuses={SONG_STATUSES}
      />
      <p role="status" className="-mb-1 min-h-5 text-muted text-sm">
        {!isPending && !error && countWords(total, narrowed)}
      </p>
      {error && (
        <ListFailed title="Your songs could not be fetched" error={error} onAgain={() => void found.refetch()} />
      )}
      {isPending && <ListPlaceholder label="Loading the songs" />}
      {empty && <NothingFound onShowAll={() => onChange({ search: '', status: '' })} />}
      {cards.length > 0 && (
        <div
          className={cx(
            'overflow-clip rounded-card border border-line bg-raised shadow-card transition-opacity',
            found.isPlaceholderData && 'opacity-60',
          )}
        >
          <VirtualList
            label="Songs"
            items={cards}
            keyOf={keyOf}
            total={total}
            estimatedHeight={ROW_HEIGHT}
            onNearEnd={more}
          >
            {(card) => <SongRow card={card} jobs={jobs.get(card.trackId)} />}
          </VirtualList>
          {isFetchingNextPage && <MoreComing />}
        </div>
      )}
      <SelectionBar cards={cards} />
    </div>
  );
}

const keyOf = (card: TrackCard) => card.trackId;

/** Songs that are being sent from here are shown where their progress is. */
function withoutUploads(cards: readonly TrackCard[], sent: ReadonlySet<string | undefined>): readonly TrackCard[] {
  return cards.filter((card) => card.status !== CardStatus.AWAITING_UPLOAD || !sent.has(card.trackId));
}

function countWords(count: number, narrowed: boolean): string {
  if (narrowed) return count === 1 ? '1 song matches' : `${count} songs match`;
  return count === 1 ? '1 song' : `${count} songs`;
}
