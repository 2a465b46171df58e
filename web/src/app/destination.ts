const HOME = '/library';

/** The address at which one signs in and comes back to where one wanted to go. */
export function signInAddress(path: string, search: string): string {
  const wanted = search ? `${path}?${search}` : path;
  return wanted === HOME || wanted === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ next: wanted })}`;
}

/** Where one wanted to go, from the query of that address. Never another site. */
export function destination(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? HOME;
  const here = window.location.origin;
  const url = URL.canParse(next, here) ? new URL(next, here) : undefined;
  return url?.origin === here && next.startsWith('/') ? `${url.pathname}${url.search}` : HOME;
}
