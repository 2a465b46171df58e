import { useStore } from 'zustand';
import { keys, queryClient } from '@/api/queries';
import { session } from '@/api/session';
import { showToast } from '@/design';
import { tabClaims } from './claims';
import { hashInWorker } from './hashing';
import { accountMemory } from './kept';
import { browserNetwork } from './network';
import { UploadQueue } from './queue';
import { apiTransport } from './transport';
import { isMoving, type Upload } from './upload';

const refresh = () => {
  for (const queryKey of [keys.cards(), keys.usage()]) void queryClient.invalidateQueries({ queryKey });
};

/** The uploads of whoever is signed in; they go on on every page. */
export const uploadQueue = new UploadQueue({
  transport: apiTransport,
  hash: hashInWorker,
  network: browserNetwork,
  memory: accountMemory,
  claims: tabClaims,
  onArrived: ({ name }) => {
    refresh();
    showToast({ kind: 'success', text: `“${name}” has arrived. It is being checked, then taken apart.` });
  },
  onFailed: ({ name, failure }) => {
    if (window.location.pathname !== '/library') showToast({ kind: 'error', text: `“${name}”: ${failure?.message}` });
  },
  onRemoved: refresh,
});

let userId: string | undefined;
const look = () => {
  const now = session.user()?.userId;
  if (now === userId) return;
  userId = now;
  uploadQueue.leave();
  if (now) uploadQueue.load();
};
session.subscribe(look);
look();

window.addEventListener('storage', ({ key }) => {
  if (userId && key?.endsWith(`${userId}/uploads`)) uploadQueue.reconcile();
});

window.addEventListener('beforeunload', (event) => {
  if (uploadQueue.uploads.some(isMoving)) event.preventDefault(); // the browser asks whether to leave
});

/** What is on its way into the library, in the order in which it came. */
export function useUploads(): readonly Upload[] {
  return useStore(uploadQueue.store, (shown) => shown.uploads);
}

/** Tracks that were sent from here in this page's life. */
export function useArrived(): ReadonlySet<string> {
  return useStore(uploadQueue.store, (shown) => shown.arrived);
}
