import type { WatchJobsResponse } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { jobs } from './clients';
import { later } from './later';

// A heartbeat comes every 15 seconds; a stream that is silent this long has nobody at its other end.
const SILENCE_MS = 45_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;

/** Opens a watch; `named` are jobs to be told of whatever their state. */
export type OpenWatch = (named: string[], signal: AbortSignal) => AsyncIterable<WatchJobsResponse>;

/** Yields what the watch says, and fails when it falls silent. */
async function* open(named: string[], signal: AbortSignal): AsyncIterable<WatchJobsResponse> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const both = AbortSignal.any([signal, silence.signal]);
    for await (const response of jobs.watchJobs({ jobIds: named }, { signal: both })) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      yield response;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Keeps a watch open until the signal says stop: after each break it is opened again, soon and then less soon. */
export async function watchForever(
  named: () => string[],
  heard: (response: WatchJobsResponse) => void,
  signal: AbortSignal,
  openWatch: OpenWatch = open,
): Promise<void> {
  for (let broken = 0; !signal.aborted; broken++) {
    try {
      for await (const response of openWatch(named(), signal)) {
        broken = 0;
        heard(response);
      }
    } catch {
      // Whatever it was, the next one begins with a snapshot and misses nothing.
    }
    const wait = Math.min(FIRST_WAIT_MS * 2 ** broken, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
    await pause(wait, signal);
  }
}

/** Waits so long, or until the network is back, or until it is no use any more. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const wake = () => over.abort();
  window.addEventListener('online', wake);
  signal.addEventListener('abort', wake);
  try {
    if (!signal.aborted) await later(milliseconds, over.signal);
  } catch {
    // Woken.
  } finally {
    window.removeEventListener('online', wake);
    signal.removeEventListener('abort', wake);
  }
}
