import { accountStorage } from '@/api/remember';
import type { KeptUpload } from './upload';

/** Remembers which uploads are under way, over reloads and for all tabs of an account. */
export interface Memory {
  all(): readonly KeptUpload[];
  put(upload: KeptUpload): void;
  drop(key: string): void;
}

const NAME = 'uploads';
// Grows when what is kept changes its shape; what was kept in another is forgotten.
const SHAPE = 1;

const storage = accountStorage<readonly KeptUpload[]>();

// Read anew each time: other tabs write, too.
const all = (): readonly KeptUpload[] => {
  const found = storage?.getItem(NAME);
  return found && 'state' in found && found.version === SHAPE ? found.state : [];
};

const keep = (uploads: readonly KeptUpload[]) => void storage?.setItem(NAME, { state: uploads, version: SHAPE });
const without = (key: string) => all().filter((each) => each.key !== key);

/** In the storage of this browser, for the account that is signed in. */
export const accountMemory: Memory = {
  all,
  put: ({ key, name, sizeBytes, trackId, sha256 }) =>
    keep([...without(key), { key, name, sizeBytes, trackId, sha256 }]),
  drop: (key) => keep(without(key)),
};
