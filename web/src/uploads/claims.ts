import { alone } from '@/api/alone';

/** Which tab has the file of an upload in its hands. */
export interface Claims {
  /** Takes an upload for this tab; resolves, with how to let it go, when no other tab has it. */
  take(key: string): { readonly taken: Promise<void>; readonly release: () => void };
  /** Resolves when no tab has it. */
  free(key: string): Promise<void>;
}

const nameOf = (key: string) => `puremusic-upload/${key}`;

/** By the browser's own locks: they end with the tab, whatever ends it. */
export const tabClaims: Claims = {
  take(key) {
    const over = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    void alone(nameOf(key), () => {
      taken.resolve();
      return over.promise;
    });
    return { taken: taken.promise, release: over.resolve };
  },
  free: (key) => alone(nameOf(key), async () => {}),
};
