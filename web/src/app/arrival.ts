import { useEffect, useRef } from 'react';

/** After a change of the page, as after a load: begins at the top, with the focus on what is new. */
export function useArrival(path: string): void {
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    // An address with a place on the page is left to the page.
    if (!window.location.hash) window.scrollTo(0, 0);
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [path]);
}
