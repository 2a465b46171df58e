import { useEffect, useState } from 'react';
import { Notice, Skeleton, VisuallyHidden } from '@/design';

const SILENT_MS = 200;
const TROUBLE_MS = 8_000;

/** While a page is fetched. It shows nothing at first: most come sooner than one can see. */
export function PagePlaceholder() {
  const late = useAfter(SILENT_MS);
  const troubled = useAfter(TROUBLE_MS);
  if (!late) return null;
  return (
    <div className="flex flex-col gap-4">
      {troubled ? (
        <Notice kind="warning" title="PureMusic does not answer yet">
          Check your connection. The page appears by itself as soon as there is an answer.
        </Notice>
      ) : (
        <div role="status">
          <VisuallyHidden>Loading</VisuallyHidden>
        </div>
      )}
      <Skeleton className="h-10 w-64 max-w-full" />
      <Skeleton className="h-28" />
      <Skeleton className="h-28" />
    </div>
  );
}

function useAfter(milliseconds: number): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), milliseconds);
    return () => clearTimeout(timer);
  }, [milliseconds]);
  return over;
}
