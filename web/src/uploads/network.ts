import { later } from '@/api/later';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Waiting for a better moment. */
export interface Network {
  /** Resolves when another try is worth it: soon at first, then less soon, and as soon as the network is back. */
  betterMoment(tried: number, signal: AbortSignal): Promise<void>;
}

export const browserNetwork: Network = {
  async betterMoment(tried, signal) {
    const back = new AbortController();
    const wake = () => back.abort();
    window.addEventListener('online', wake);
    try {
      const wait = Math.min(FIRST_WAIT_MS * 2 ** tried, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
      if (navigator.onLine) await later(wait, AbortSignal.any([back.signal, signal])).catch(() => undefined);
      else await aborted(AbortSignal.any([back.signal, signal]));
    } finally {
      window.removeEventListener('online', wake);
    }
    signal.throwIfAborted();
  },
};

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
