import { SearchX } from 'lucide-react';
import { failureOf } from '@/api/failures';
import { Button, EmptyState, Notice, Skeleton, Spinner } from '@/design';

/** The place of a list that is being fetched. */
export function ListPlaceholder({ label }: { readonly label: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-2">
      <Skeleton className="h-20" />
      <Skeleton className="h-20" />
      <Skeleton className="h-20" />
    </div>
  );
}

/** A list that could not be fetched. */
export function ListFailed({
  title,
  error,
  onAgain,
}: {
  readonly title: string;
  readonly error: unknown;
  readonly onAgain: () => void;
}) {
  return (
    <Notice
      kind="error"
      title={title}
      action={
        <Button size="small" onClick={onAgain}>
          Try again
        </Button>
      }
    >
      {failureOf(error).message}
    </Notice>
  );
}

/** Nothing fits what was searched for. */
export function NothingFound({ onShowAll }: { readonly onShowAll: () => void }) {
  return (
    <EmptyState icon={SearchX} title="Nothing fits" action={<Button onClick={onShowAll}>Show everything</Button>}>
      No title has these words in it. Try fewer or other words, or look at everything.
    </EmptyState>
  );
}

/** The end of a list while more of it is being fetched. */
export function MoreComing() {
  return (
    <p className="flex items-center justify-center gap-3 p-4 text-muted">
      <Spinner /> Loading more
    </p>
  );
}
