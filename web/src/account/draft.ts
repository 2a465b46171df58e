import { useEffect, useState } from 'react';

/** State of a form that nobody has signed in for yet; a reload of the tab keeps it. Never for passwords. */
export function useDraft<T extends object>(name: string, initial: T): [T, (patch: Partial<T>) => void] {
  const key = `puremusic.draft.${name}`;
  const [draft, setDraft] = useState<T>(() => ({ ...initial, ...read(key) }));
  useEffect(() => {
    try {
      sessionStorage.setItem(key, JSON.stringify(draft));
    } catch {
      // No storage: it holds until the page is left.
    }
  }, [key, draft]);
  return [draft, (patch) => setDraft((before) => ({ ...before, ...patch }))];
}

function read(key: string): object {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '{}');
    return typeof kept === 'object' && kept !== null ? kept : {};
  } catch {
    return {};
  }
}
