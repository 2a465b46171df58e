import { useEffect, useState } from 'react';

interface Draft<T> {
  readonly draft: T;
  readonly change: (patch: Partial<T>) => void;
  /** Once the form has done its work: whoever comes next finds nothing of it. */
  readonly forget: () => void;
}

/** State of a form that nobody has signed in for yet; a reload of the tab keeps it. Never for passwords. */
export function useDraft<T extends object>(name: string, initial: T): Draft<T> {
  const key = `puremusic.draft.${name}`;
  const [draft, setDraft] = useState<T>(() => ({ ...initial, ...read(key) }));
  useEffect(() => attempt(() => sessionStorage.setItem(key, JSON.stringify(draft))), [key, draft]);
  return {
    draft,
    change: (patch) => setDraft((before) => ({ ...before, ...patch })),
    forget: () => attempt(() => sessionStorage.removeItem(key)),
  };
}

function read(key: string): object {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '{}');
    return typeof kept === 'object' && kept !== null ? kept : {};
  } catch {
    return {};
  }
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // No storage: the draft holds until the page is left.
  }
}
