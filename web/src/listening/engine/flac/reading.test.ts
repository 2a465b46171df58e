import { expect, test, vi } from 'vitest';
import { type FlacReport, openFlacHere } from './reading';
import { verbatimFlac } from './verbatim';

const FILE = verbatimFlac([Array.from({ length: 900 }, (_, i) => i * 7919 - 4_000_000)], { blocks: [64] });

/** A server that breaks off after so many bytes at each request. */
function serve(file: Uint8Array<ArrayBuffer>, { breakAfter = Number.POSITIVE_INFINITY, ranges = true } = {}) {
  const asked: (string | null)[] = [];
  vi.stubGlobal('fetch', async (_url: string, { headers }: { headers: Record<string, string> }) => {
    const range = headers['range'] ?? null;
    asked.push(range);
    const from = ranges && range ? Number(/=(\d+)-/.exec(range)?.[1]) : 0;
    const rest = file.subarray(from);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < Math.min(rest.length, breakAfter); at += 100) {
          controller.enqueue(rest.slice(at, Math.min(at + 100, breakAfter, rest.length)));
        }
        controller.close();
      },
    });
    return new Response(body, { status: from > 0 ? 206 : 200, headers: { 'content-length': String(rest.length) } });
  });
  return asked;
}

function follow() {
  const reports: FlacReport[] = [];
  let wake = () => {};
  const file = openFlacHere((report) => {
    reports.push(report);
    if (report.kind !== 'grown') wake();
  });
  const fetched = async () => {
    const ended = new Promise<void>((resolve) => {
      wake = resolve;
    });
    file.fetch('/stem.flac');
    await ended;
    return reports.at(-1);
  };
  const bytes = async () => {
    const parts = reports.flatMap((report) => (report.kind === 'grown' ? [report.part] : []));
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  };
  return { reports, fetched, bytes };
}

test('a file comes as its bytes and its frames', async () => {
  serve(FILE);
  const { reports, fetched, bytes } = follow();
  expect(await fetched()).toEqual({ kind: 'complete' });
  expect([...(await bytes())]).toEqual([...FILE]);
  const places = reports.flatMap((report) => (report.kind === 'grown' ? report.places : []));
  expect(places).toHaveLength(15);
});

test.each([true, false])('after a break it goes on where it was (the server knows ranges: %s)', async (ranges) => {
  const asked = serve(FILE, { breakAfter: ranges ? 1000 : Number.POSITIVE_INFINITY, ranges });
  const { fetched, bytes } = follow();
  if (ranges) {
    expect(await fetched()).toEqual({ kind: 'interrupted' });
    expect(await fetched()).toEqual({ kind: 'interrupted' });
    expect(await fetched()).toEqual({ kind: 'complete' });
    expect(asked).toEqual([null, 'bytes=1000-', 'bytes=2000-']);
  } else {
    serve(FILE, { breakAfter: 1000, ranges });
    expect(await fetched()).toEqual({ kind: 'interrupted' });
    serve(FILE, { ranges });
    expect(await fetched()).toEqual({ kind: 'complete' });
  }
  expect([...(await bytes())]).toEqual([...FILE]);
});

test('an address that says no is a break, and a page of HTML no sound', async () => {
  vi.stubGlobal('fetch', async () => new Response('gone', { status: 403 }));
  expect(await follow().fetched()).toEqual({ kind: 'interrupted' });
  serve(new TextEncoder().encode('<!doctype html><title>What is this?</title>'));
  expect(await follow().fetched()).toMatchObject({ kind: 'broken' });
});
