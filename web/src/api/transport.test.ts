// @vitest-environment jsdom
import { Code, ConnectError, createClient, createRouterTransport } from '@connectrpc/connect';
import { expect, test, vi } from 'vitest';
import { LibraryService } from '@/api/gen/puremusic/gateway/v1/gateway_pb';
import { TracksService } from '@/api/gen/puremusic/ingest/v1/ingest_pb';
import { session } from './session';
import { authorized, reads, retried } from './transport';

test('what is a GET for REST changes nothing', () => {
  expect(reads(LibraryService.method.listCards)).toBe(true);
  expect(reads(TracksService.method.createTrack)).toBe(false);
});

function failing(times: number, code: Code) {
  let calls = 0;
  const attempt = () => {
    if (++calls <= times) throw new ConnectError('away', code);
    return {};
  };
  const transport = createRouterTransport(
    (router) => {
      router.rpc(LibraryService.method.listCards, attempt);
      router.rpc(TracksService.method.createTrack, attempt);
    },
    { transport: { interceptors: [retried] } },
  );
  const library = createClient(LibraryService, transport);
  const tracks = createClient(TracksService, transport);
  return { library, tracks, calls: () => calls };
}

test('a read that finds nobody is made again', async () => {
  const { library, calls } = failing(2, Code.Unavailable);
  await library.listCards({});
  expect(calls()).toBe(3);
});

test('not for ever', async () => {
  const { library, calls } = failing(9, Code.Unavailable);
  await expect(library.listCards({})).rejects.toThrow('away');
  expect(calls()).toBe(4);
});

test('not what changes something, and not what was refused', async () => {
  const change = failing(1, Code.Unavailable);
  await expect(change.tracks.createTrack({})).rejects.toThrow('away');
  expect(change.calls()).toBe(1);
  const refused = failing(1, Code.NotFound);
  await expect(refused.library.listCards({})).rejects.toThrow('away');
  expect(refused.calls()).toBe(1);
});

test('not after the page gave it up', async () => {
  const { library, calls } = failing(9, Code.Unavailable);
  const stop = new AbortController();
  const call = library.listCards({}, { signal: stop.signal });
  await vi.waitFor(() => expect(calls()).toBe(1));
  stop.abort();
  await expect(call).rejects.toThrow();
  expect(calls()).toBe(1);
});

test('a refused token is replaced once, and the call made again', async () => {
  const seen: (string | null)[] = [];
  const transport = createRouterTransport(
    (router) => {
      router.rpc(TracksService.method.createTrack, (_, { requestHeader }) => {
        seen.push(requestHeader.get('authorization'));
        if (seen.length === 1) throw new ConnectError('expired', Code.Unauthenticated);
        return {};
      });
    },
    { transport: { interceptors: [authorized] } },
  );
  vi.spyOn(session, 'token').mockResolvedValue('old');
  const renewed = vi.spyOn(session, 'renewed').mockResolvedValue('new');
  await createClient(TracksService, transport).createTrack({});
  expect(seen).toEqual(['Bearer old', 'Bearer new']);
  expect(renewed).toHaveBeenCalledExactlyOnceWith('old', expect.any(AbortSignal));
});
