import { expect, it } from 'vitest';
import { sendMissing } from './sending';
import { lost, MemoryTransport } from './stores.testing';

const FILE = new Blob(['0123456789abcdefghijklmnopqrst']);
const never = new AbortController().signal;

const announced = async (transport: MemoryTransport) =>
  transport.announce({ key: 'k', name: 'n', sizeBytes: FILE.size, mimeType: '', sha256: '' }, never);

it('sends every piece once, three at a time, and tells how much is there', async () => {
  const transport = new MemoryTransport();
  const there: number[] = [];
  const missing = await announced(transport);
  await sendMissing(FILE, missing, transport, (bytes) => there.push(bytes), never);
  expect(transport.content(missing.trackId)).toBe(await FILE.text());
  expect(transport.sent.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(transport.busiest).toBe(3);
  expect(there[0]).toBe(0);
  expect(there.at(-1)).toBe(FILE.size);
});

it('counts what has arrived before', async () => {
  const transport = new MemoryTransport();
  const missing = await announced(transport);
  const there: number[] = [];
  await sendMissing(
    FILE,
    { ...missing, pieces: missing.pieces.slice(6) },
    transport,
    (bytes) => there.push(bytes),
    never,
  );
  expect(there[0]).toBe(24);
  expect(transport.sent).toEqual([7, 8]);
});

it('begins no further piece after a failure, lets the others arrive, and throws it', async () => {
  const transport = new MemoryTransport();
  const missing = await announced(transport);
  const others = Promise.withResolvers<void>();
  transport.before = async (what) => {
    if (what === 'send 1') {
      queueMicrotask(others.resolve);
      throw lost();
    }
    await others.promise;
  };
  await expect(sendMissing(FILE, missing, transport, () => {}, never)).rejects.toThrow(lost().message);
  expect(transport.sent).toEqual([1, 2, 3]);
  expect(transport.content(missing.trackId)).toBe('456789ab');
});
