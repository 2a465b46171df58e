import { create, type Mutate, type StateCreator, type StoreApi, type UseBoundStore } from 'zustand';
import { createJSONStorage, type PersistStorage, persist, type StateStorage } from 'zustand/middleware';
import { session } from './session';

const PREFIX = 'puremusic/';

const keyOf = (name: string): string | undefined => {
  const userId = session.user()?.userId;
  return userId && `${PREFIX}${userId}/${name}`;
};

const ofAccount: StateStorage = {
  getItem: (name) => {
    const key = keyOf(name);
    return key ? attempt(() => localStorage.getItem(key)) : null;
  },
  setItem: (name, value) => {
    const key = keyOf(name);
    if (key) attempt(() => localStorage.setItem(key, value));
  },
  removeItem: (name) => {
    const key = keyOf(name);
    if (key) attempt(() => localStorage.removeItem(key));
  },
};

/** Storage for zustand's `persist`: what is kept belongs to the account that is signed in; without one nothing is kept. */
export const accountStorage = <T>(): PersistStorage<T> | undefined => createJSONStorage<T>(() => ofAccount);

/** A store of zustand that is kept; `persist` says when it has been read. */
export type RememberedStore<T> = UseBoundStore<Mutate<StoreApi<T>, [['zustand/persist', Partial<T>]]>>;

/**
 * A store whose state is kept on this computer, for each account its own. When somebody else signs in, it is theirs.
 *
 * `schemaVersion` grows when the state's shape changes; what was kept in another shape is dropped. `pick` chooses what is
 * kept (all that is no function, if absent); never passwords.
 */
export function rememberedStore<T extends object>(
  name: string,
  schemaVersion: number,
  creator: StateCreator<T>,
  pick: (state: T) => Partial<T> = (state) => state,
): RememberedStore<T> {
  const initial = (): T => store.getInitialState();
  const store = create<T>()(
    persist<T, [], [], Partial<T>>(creator, {
      name,
      version: schemaVersion,
      storage: accountStorage<Partial<T>>(),
      partialize: pick,
      skipHydration: true,
      // Never what is shown now: that is the last account's.
      merge: (kept) => ({ ...initial(), ...(kept as Partial<T> | undefined) }),
      migrate: () => ({}),
    }),
  );
  let userId: string | undefined;
  const look = () => {
    const now = session.user()?.userId;
    if (now === userId) return;
    userId = now;
    void store.persist.rehydrate();
  };
  session.subscribe(look);
  look();
  return store;
}

/** A `rememberedStore` of plain values, changed with its `setState`. */
export function remembered<T extends object>(name: string, schemaVersion: number, initial: T) {
  return rememberedStore<T>(name, schemaVersion, () => initial);
}

/** Removes everything that was kept for an account: for computers that others use. */
export function forgetAccount(userId: string): void {
  const prefix = `${PREFIX}${userId}/`;
  attempt(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
  });
}

/** Storage may be full, or forbidden: then nothing is remembered, and everything else works. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
