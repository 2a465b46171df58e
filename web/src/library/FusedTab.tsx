import { Blend } from 'lucide-react';
import { useCallback } from 'react';
import type { Fusion } from '@/api/gen/puremusic/fusion/v1/fusion_pb';
import { cx, EmptyState, LinkButton } from '@/design';
import { FilterBar } from './FilterBar';
import { FusedRow } from './FusedRow';
import { useFusions } from './fusions';
import { ListFailed, ListPlaceholder, MoreComing, NothingFound } from './ListStates';
import { VirtualList } from './VirtualList';
import { type ChangeView, FUSED_ORDERS, type LibraryView } from './view';

const ROW_HEIGHT = 76;

/** What was made of songs. */
export function FusedTab({ view, onChange }: { readonly view: LibraryView; readonly onChange: ChangeView }) {
  const found = useFusions(view);
  const { fusions, isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const empty = !isPending && !error && fusions.length === 0;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (empty && view.search === '') return <NothingFused />;
  return (
    <div className="flex flex-col gap-4">
      <FilterBar view={view} onChange={onChange} searchLabel="Search fused songs" orders={FUSED_ORDERS} />
      {error && (
        <ListFailed title="Your fused songs could not be fetched" error={error} onAgain={() => void found.refetch()} />
      )}
      {isPending && <ListPlaceholder label="Loading the fused songs" />}
      {empty && <NothingFound onShowAll={() => onChange({ search: '' })} />}
      {fusions.length > 0 && (
        <div
          className={cx(
            'overflow-clip rounded-card border border-line bg-raised shadow-card transition-opacity',
            found.isPlaceholderData && 'opacity-60',
          )}
        >
          <VirtualList
            label="Fused songs"
            items={fusions}
            keyOf={keyOf}
            total={hasNextPage ? -1 : fusions.length}
            estimatedHeight={ROW_HEIGHT}
            onNearEnd={more}
          >
            {(fusion) => <FusedRow fusion={fusion} />}
          </VirtualList>
          {isFetchingNextPage && <MoreComing />}
        </div>
      )}
    </div>
  );
}

const keyOf = (fusion: Fusion) => fusion.fusionId;

function NothingFused() {
  return (
    <EmptyState
      icon={Blend}
      title="Nothing is fused yet"
      action={
        <LinkButton href="/mix" variant="primary">
          Go to the mix
        </LinkButton>
      }
    >
      Pick parts of two or more songs, hear them together, and fuse them: what comes out is kept here, with everything
      that is needed to make it again.
    </EmptyState>
  );
}
