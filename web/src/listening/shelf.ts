import { session } from '@/api/session';
import type { StemSource } from './engine/source';

// Going from one page to another must not load the same stems anew.
const KEPT_MS = 60_000;

interface Lent {
  readonly source: StemSource;
  borrowers: number;
  closing: ReturnType<typeof setTimeout> | undefined;
}

const shelf = new Map<string, Lent>();
let owner: string | undefined;

/** Opens a source, or hands out the one that is open under this key. Each borrower gives it back once. */
export function borrow<T extends StemSource>(key: string, open: () => T): T {
  clearForOthers();
  let lent = shelf.get(key);
  if (!lent) {
    lent = { source: open(), borrowers: 0, closing: undefined };
    shelf.set(key, lent);
  }
  clearTimeout(lent.closing);
  lent.borrowers += 1;
  return lent.source as T;
}

/** Closes a source a little later, unless somebody borrows it again. */
export function giveBack(key: string, source: StemSource): void {
  const lent = shelf.get(key);
  if (!lent || lent.source !== source) return;
  lent.borrowers -= 1;
  if (lent.borrowers === 0) lent.closing = setTimeout(() => close(key), KEPT_MS);
}

function close(key: string): void {
  const lent = shelf.get(key);
  clearTimeout(lent?.closing);
  lent?.source.close();
  shelf.delete(key);
}

/** What one account has opened is not for the next one. */
function clearForOthers(): void {
  const userId = session.user()?.userId;
  if (owner !== undefined && owner !== userId) for (const key of [...shelf.keys()]) close(key);
  owner = userId;
}
