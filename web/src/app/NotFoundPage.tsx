import { Compass } from 'lucide-react';
import { EmptyState, LinkButton, usePageTitle } from '@/design';

/** For addresses that lead nowhere. */
export function NotFoundPage() {
  usePageTitle('Nothing here');
  return (
    <>
      <h1 className="sr-only">Nothing here</h1>
      <EmptyState
        icon={Compass}
        title="There is nothing at this address"
        action={
          <LinkButton href="/" variant="primary">
            Go to the beginning
          </LinkButton>
        }
      >
        It may have been deleted, or the link may be incomplete.
      </EmptyState>
    </>
  );
}
