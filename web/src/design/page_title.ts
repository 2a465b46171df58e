import { useEffect, useLayoutEffect } from 'react';

const NAME = 'PureMusic';

const named = (title: string) => (title ? `${title} · ${NAME}` : NAME);

/** Calls the document so while the component is there: `Falcon 69 · PureMusic`. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = named(title);
  }, [title]);
}

/** Calls the document so until the page inside says better: layout effects come before the page's own. */
export function useFirstTitle(title: string): void {
  useLayoutEffect(() => {
    document.title = named(title);
  }, [title]);
}
