import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FlacReport, OpenFlac } from './flac/reading';
import { FlacSource } from './flac_source';
import { HandoverSource } from './handover_source';
import { PIECE_FRAMES } from './pieces';
import { Readiness } from './readiness';
import { SegmentSource } from './segment_source';
import { SourceClosed } from './source';

const SHAPE = { frames: PIECE_FRAMES * 2 + 100, sampleRate: 44_100, channels: 2 };
const INFO = { minBlock: 4096, maxBlock: 4096, sampleRate: 44_100, channels: 2, bits: 24, frames: 0, audioStart: 42 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A file whose bytes come when the test says so. */
function remote() {
  const urls: string[] = [];
  const listeners: ((report: FlacReport) => void)[] = [];
  const open: OpenFlac = (report) => {
    listeners.push(report);
    return { fetch: (url) => urls.push(url), close: () => {} };
  };
  const say = (report: FlacReport) => listeners.at(-1)?.(report);
  const grow = (samples: number, info = INFO) => {
    const places = [{ first: samples, offset: 0 }];
    say({ kind: 'grown', part: new Blob(['x']), places, samples, bytes: 1, info, share: samples / SHAPE.frames });
  };
  return { urls, open, say, grow, opened: () => listeners.length };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

test('a file can be played as far as whole pieces of it are there', async () => {
  const { open, grow, say } = remote();
  const source = new FlacSource(SHAPE, async () => '/a', { open });
  await settle();
  expect(source.playableFrames).toBe(0);
  grow(PIECE_FRAMES + 4096);
  expect(source.playableFrames).toBe(PIECE_FRAMES);
  expect(source.state).toMatchObject({ kind: 'loading' });
  say({ kind: 'complete' });
  expect(source.playableFrames).toBe(SHAPE.frames);
  expect(source.state).toEqual({ kind: 'ready' });
});

test('a break is mended with a fresh address, less and less soon, and given up after five', async () => {
  const { urls, open, say, opened } = remote();
  let addresses = 0;
  const source = new FlacSource(SHAPE, async () => `/${++addresses}`, { open });
  await settle();
  for (const pause of [500, 1000, 2000, 4000]) {
    say({ kind: 'interrupted' });
    await vi.advanceTimersByTimeAsync(pause - 1);
    const before = urls.length;
    await vi.advanceTimersByTimeAsync(1);
    expect(urls.length).toBe(before + 1);
  }
  expect(urls).toEqual(['/1', '/2', '/3', '/4', '/5']);
  say({ kind: 'interrupted' });
  expect(source.state).toMatchObject({ kind: 'failed', message: expect.stringContaining('Check your connection') });
  source.retry();
  await settle();
  expect(source.state).toMatchObject({ kind: 'loading' });
  expect(opened()).toBe(1);
});

test('what had come when it was given up is kept: trying again goes on', async () => {
  const { urls, open, say, grow, opened } = remote();
  const source = new FlacSource(SHAPE, async () => '/a', { open });
  await settle();
  grow(PIECE_FRAMES);
  for (let i = 0; i < 5; i++) {
    say({ kind: 'interrupted' });
    await vi.advanceTimersByTimeAsync(10_000);
  }
  expect(source.state.kind).toBe('failed');
  expect(source.playableFrames).toBe(PIECE_FRAMES);
  const before = urls.length;
  source.retry();
  await settle();
  expect([opened(), urls.length]).toEqual([1, before + 1]);
});

test('an address that can’t be had is a break like any other', async () => {
  const { open } = remote();
  const source = new FlacSource(SHAPE, () => Promise.reject(new Error('offline')), { open });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(source.state.kind).toBe('failed');
});

test('a file that is another than announced is refused', async () => {
  const { open, grow } = remote();
  const source = new FlacSource(SHAPE, async () => '/a', { open });
  await settle();
  const read = source.read(0, 10);
  grow(PIECE_FRAMES, { ...INFO, sampleRate: 48_000 });
  await expect(read).rejects.toThrow('damaged');
  expect(source.state).toMatchObject({ kind: 'failed', message: expect.stringContaining('damaged') });
});

test('readers wait, and are told when there will be nothing', async () => {
  const readiness = new Readiness();
  const early = readiness.until(10);
  const late = readiness.until(100);
  readiness.reached(10);
  await early;
  readiness.fail(new Error('gone'));
  await expect(late).rejects.toThrow('gone');
  await expect(readiness.until(50)).rejects.toThrow('gone');
  readiness.revive();
  const again = readiness.until(50);
  readiness.close();
  await expect(again).rejects.toThrow(SourceClosed);
});

const segment = (firstFrame: number, frames: number) => ({
  firstFrame,
  frames,
  scaleBits: 0,
  address: async () => '/segment',
});

test('segments follow on each other; what is told twice counts once', () => {
  const source = new SegmentSource({ ...SHAPE, frames: 300 });
  source.add(segment(0, 100));
  source.add(segment(0, 100));
  source.add(segment(200, 100));
  expect(source.playableFrames).toBe(100);
  source.add(segment(100, 200));
  expect(source.playableFrames).toBe(300);
  expect(source.state).toEqual({ kind: 'ready' });
});

test('a segment that can’t be fetched is said, and tried again', async () => {
  const source = new SegmentSource({ ...SHAPE, frames: 300 });
  source.add(segment(0, 100));
  vi.stubGlobal('fetch', async () => new Response('', { status: 403 }));
  await expect(source.read(0, 50)).rejects.toThrow('403');
  expect(source.state.kind).toBe('failed');
  source.retry();
  expect(source.state.kind).toBe('loading');
});

test('who listens early goes over to the whole file where that is further', async () => {
  const early = new SegmentSource({ ...SHAPE, frames: SHAPE.frames });
  const source = new HandoverSource(SHAPE, early);
  early.add(segment(0, 1000));
  expect(source.playableFrames).toBe(1000);
  const { open, grow, say } = remote();
  const whole = new FlacSource(SHAPE, async () => '/whole', { open });
  await settle();
  const earlyRead = vi.spyOn(early, 'read').mockResolvedValue({} as AudioBuffer);
  const wholeRead = vi.spyOn(whole, 'read').mockResolvedValue({} as AudioBuffer);
  source.follow(whole);
  await source.read(0, 1000);
  expect(earlyRead).toHaveBeenCalledTimes(1);
  const waiting = source.read(2000, 100);
  grow(PIECE_FRAMES);
  await waiting;
  expect(wholeRead).toHaveBeenCalledWith(2000, 100);
  say({ kind: 'complete' });
  await source.read(0, 1000);
  expect([earlyRead.mock.calls.length, wholeRead.mock.calls.length]).toEqual([1, 2]);
});
