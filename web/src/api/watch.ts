import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { useSyncExternalStore } from 'react';
import { type Job, type WatchJobsResponse, WatchJobsResponseSchema } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { alone } from './alone';
import { isAborted } from './failures';
import { JobBook, type JobListener } from './job_book';
import { session } from './session';
import { type OpenWatch, watchForever } from './watch_stream';

const HELLO = 'hello';

/**
 * Follows the jobs of one user until the signal says stop. Of all tabs one holds the stream and tells the others; when it
 * goes, the next one takes over.
 */
export async function follow(book: JobBook, userId: string, signal: AbortSignal, openWatch?: OpenWatch): Promise<void> {
  const channel = new BroadcastChannel(`puremusic-jobs/${userId}`);
  let leads = false;
  const tell = (response: WatchJobsResponse) => channel.postMessage(toBinary(WatchJobsResponseSchema, response));
  channel.onmessage = ({ data }: MessageEvent<typeof HELLO | Uint8Array>) => {
    if (data !== HELLO) book.apply(fromBinary(WatchJobsResponseSchema, data));
    else if (leads) tell(book.snapshot());
  };
  channel.postMessage(HELLO);
  const lead = async () => {
    leads = true;
    const heard = (response: WatchJobsResponse) => {
      book.apply(response);
      tell(response);
    };
    await watchForever(() => book.unfinished(), heard, signal, openWatch);
  };
  try {
    await alone(`puremusic-watch/${userId}`, lead, signal);
  } catch (error) {
    if (!signal.aborted && !isAborted(error)) throw error;
  } finally {
    channel.close();
  }
}

const book = new JobBook();

/** Follows whoever is signed in, from now on. */
export function beginWatch(): void {
  let followed: string | undefined;
  let stop = new AbortController();
  const look = () => {
    const userId = session.user()?.userId;
    if (userId === followed) return;
    stop.abort();
    stop = new AbortController();
    followed = userId;
    book.clear();
    if (userId) void follow(book, userId, stop.signal);
  };
  session.subscribe(look);
  look();
}

const subscribe = (listener: () => void) => {
  book.changed.add(listener);
  return () => book.changed.delete(listener);
};

/** All jobs that are under way, and those that changed since the page was opened; the newest first. */
export function useJobs(): readonly Job[] {
  return useSyncExternalStore(subscribe, () => book.jobs);
}

/** One of them. */
export function useJob(jobId: string): Job | undefined {
  return useSyncExternalStore(subscribe, () => book.get(jobId));
}

/** Calls the listener for each job that is new or changed, with how it was before; returns how to stop that. */
export function onJob(listener: JobListener): () => void {
  book.listeners.add(listener);
  return () => book.listeners.delete(listener);
}

/** Calls the listener for each job that is gone, with its track or by itself; returns how to stop that. */
export function onJobGone(listener: (job: Job) => void): () => void {
  book.mourners.add(listener);
  return () => book.mourners.delete(listener);
}
