// @vitest-environment jsdom
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  type Job,
  JobKind,
  JobSchema,
  type WatchJobsResponse,
  WatchJobsResponseSchema,
} from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { JobState } from '@/api/gen/puremusic/job/v1/job_pb';
import { JobBook } from './job_book';
import { follow } from './watch';
import type { OpenWatch } from './watch_stream';

/** The server's end of one open stream. */
class Stream {
  private readonly queue: WatchJobsResponse[] = [];
  private wake: () => void = () => {};
  private failed = false;
  constructor(
    readonly named: string[],
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.wake());
  }

  say(message: MessageInitShape<typeof WatchJobsResponseSchema>['message']): void {
    this.queue.push(create(WatchJobsResponseSchema, { message: message ?? { case: undefined } }));
    this.wake();
  }

  break(): void {
    this.failed = true;
    this.wake();
  }

  get open(): boolean {
    return !this.failed && !this.signal.aborted;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchJobsResponse> {
    while (this.open) {
      const next = this.queue.shift();
      if (next) yield next;
      else
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
    }
    throw new Error('the stream broke');
  }
}

let streams: Stream[] = [];
const closing: AbortController[] = [];
const openWatch: OpenWatch = (named, signal) => {
  const stream = new Stream(named, signal);
  streams.push(stream);
  return stream;
};

/** A tab of one browser that follows a user's jobs. */
function tab(userId = 'u1'): { book: JobBook; close: () => void } {
  const book = new JobBook();
  const stop = new AbortController();
  closing.push(stop);
  void follow(book, userId, stop.signal, openWatch);
  return { book, close: () => stop.abort() };
}

const job = (jobId: string, state = JobState.RUNNING): Job =>
  create(JobSchema, { jobId, state, kind: JobKind.SEPARATION, trackId: 't', version: 1n });
const ids = (book: JobBook) => book.jobs.map((each) => each.jobId);
const live = () => streams.filter((stream) => stream.open);

beforeEach(() => {
  streams = [];
});
afterEach(() => {
  for (const stop of closing.splice(0)) stop.abort();
});

test('of several tabs one holds the stream, and all hear of every job', async () => {
  const [one, other] = [tab(), tab()];
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  streams[0]?.say({ case: 'snapshot', value: { jobs: [job('a')] } });
  streams[0]?.say({ case: 'job', value: job('b') });
  await vi.waitFor(() => expect(ids(one.book)).toEqual(['b', 'a']));
  await vi.waitFor(() => expect(ids(other.book)).toEqual(['b', 'a']));
  expect(live()).toHaveLength(1);
});

test('a tab that comes later is told what there is', async () => {
  tab();
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  streams[0]?.say({ case: 'snapshot', value: { jobs: [job('a')] } });
  const late = tab();
  await vi.waitFor(() => expect(ids(late.book)).toEqual(['a']));
  expect(streams).toHaveLength(1);
});

test('when the tab with the stream is closed, the next takes over and misses no end', async () => {
  const [one, other] = [tab(), tab()];
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  streams[0]?.say({ case: 'snapshot', value: { jobs: [job('a')] } });
  await vi.waitFor(() => expect(ids(other.book)).toEqual(['a']));
  one.close();
  await vi.waitFor(() => expect(live()).toHaveLength(1), 3_000);
  expect(live()[0]?.named).toEqual(['a']);
  live()[0]?.say({ case: 'snapshot', value: { jobs: [job('a', JobState.COMPLETED)] } });
  await vi.waitFor(() => expect(other.book.get('a')?.state).toBe(JobState.COMPLETED));
});

test('a stream that breaks is opened again; what is gone meanwhile is gone here', async () => {
  const { book } = tab();
  const gone: string[] = [];
  book.mourners.add(({ jobId }) => gone.push(jobId));
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  streams[0]?.say({ case: 'snapshot', value: { jobs: [job('a'), job('b')] } });
  await vi.waitFor(() => expect(book.jobs).toHaveLength(2));
  streams[0]?.break();
  await vi.waitFor(() => expect(streams).toHaveLength(2), 3_000);
  streams[1]?.say({ case: 'snapshot', value: { jobs: [job('b')] } });
  await vi.waitFor(() => expect(ids(book)).toEqual(['b']));
  expect(gone).toEqual(['a']);
});

test('a job that is told again is no news', async () => {
  const one = tab();
  const heard: string[] = [];
  one.book.listeners.add(({ jobId }) => heard.push(jobId));
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  streams[0]?.say({ case: 'snapshot', value: { jobs: [job('a')] } });
  await vi.waitFor(() => expect(ids(one.book)).toEqual(['a']));
  const other = tab();
  await vi.waitFor(() => expect(ids(other.book)).toEqual(['a']));
  streams[0]?.say({ case: 'job', value: job('b') });
  await vi.waitFor(() => expect(ids(other.book)).toEqual(['b', 'a']));
  streams[0]?.say({ case: 'snapshot', value: { jobs: [job('a'), job('b')] } });
  streams[0]?.say({ case: 'job', value: job('c') });
  await vi.waitFor(() => expect(heard).toEqual(['b', 'c']));
});

test('users don’t hear of each other', async () => {
  const [ann, bob] = [tab('ann'), tab('bob')];
  await vi.waitFor(() => expect(streams).toHaveLength(2));
  streams[0]?.say({ case: 'job', value: job('a') });
  streams[1]?.say({ case: 'job', value: job('b') });
  await vi.waitFor(() => expect([...ids(ann.book), ...ids(bob.book)]).toHaveLength(2));
  expect(ids(ann.book)).not.toEqual(ids(bob.book));
});

test('listeners hear of changes, not of what was there when the page was opened', async () => {
  const { book } = tab();
  const heard: [string, bigint | undefined][] = [];
  book.listeners.add((now, before) => heard.push([now.jobId, before?.version]));
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  streams[0]?.say({ case: 'snapshot', value: { jobs: [job('a')] } });
  streams[0]?.say({ case: 'job', value: create(JobSchema, { ...job('a'), version: 2n }) });
  streams[0]?.say({ case: 'job', value: job('b') });
  await vi.waitFor(() =>
    expect(heard).toEqual([
      ['a', 1n],
      ['b', undefined],
    ]),
  );
});
