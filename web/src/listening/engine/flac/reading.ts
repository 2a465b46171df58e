import { type FramePlace, FrameScanner } from './frame_scanner';
import { BrokenFlac, type StreamInfo } from './stream_info';

/** What becomes of a file that is being fetched. */
export type FlacReport =
  | {
      readonly kind: 'grown';
      /** The bytes that follow on those before. */
      readonly part: Blob;
      /** The frames that follow on those before, and where the last of them ends. */
      readonly places: readonly FramePlace[];
      readonly samples: number;
      readonly bytes: number;
      /** Undefined until the file's head is there. */
      readonly info: StreamInfo | undefined;
      /** How much of the file is there, 0 to 1. */
      readonly share: number;
    }
  | { readonly kind: 'complete' }
  /** The bytes stopped coming; `fetch` goes on where they did. */
  | { readonly kind: 'interrupted' }
  /** Who read it is gone, and with it where it was: it has to be opened anew. */
  | { readonly kind: 'lost' }
  /** It is no FLAC file, or a damaged one. */
  | { readonly kind: 'broken'; readonly message: string };

/** A file that is being fetched. */
export interface FlacFile {
  /** Fetches what is missing. */
  fetch(url: string): void;
  close(): void;
}

/** Starts to follow a file. */
export type OpenFlac = (report: (report: FlacReport) => void) => FlacFile;

// Bytes are handed over in parts of this size: the browser keeps them outside the page's own memory.
const PART_BYTES = 2 ** 20;

/** Fetches a FLAC file and finds its frames on the way, in constant memory. */
export const openFlacHere: OpenFlac = (report) => {
  const scanner = new FrameScanner();
  const abort = new AbortController();
  let received = 0;
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let waitingBytes = 0;

  const handOver = (total: number) => {
    const part = new Blob(waiting);
    waiting = [];
    waitingBytes = 0;
    report({
      kind: 'grown',
      part,
      places: scanner.take(),
      samples: scanner.completeFrames,
      bytes: scanner.completeBytes,
      info: scanner.info,
      share: total > 0 ? received / total : 0,
    });
  };

  const take = (bytes: Uint8Array<ArrayBuffer>, total: number) => {
    scanner.push(bytes);
    waiting.push(bytes);
    waitingBytes += bytes.length;
    received += bytes.length;
    if (waitingBytes >= PART_BYTES) handOver(total);
  };

  const fetchOn = async (url: string) => {
    const headers: HeadersInit = received > 0 ? { range: `bytes=${received}-` } : {};
    const response = await fetch(url, { headers, signal: abort.signal });
    if (!response.ok || !response.body) throw new TypeError(`The address answers ${response.status}.`);
    // A server that does not go on in the middle sends what is here once more.
    let known = response.status === 206 ? 0 : received;
    const total = Number(response.headers.get('content-length') ?? 0) + received - known;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const fresh = value.subarray(known);
      known = Math.max(0, known - value.length);
      if (fresh.length > 0) take(fresh, total);
    }
    if (received < total) throw new TypeError('The connection closed early.');
    scanner.end();
    handOver(received);
  };

  return {
    fetch: (url) => {
      fetchOn(url).then(
        () => report({ kind: 'complete' }),
        (error: unknown) => {
          if (abort.signal.aborted) return;
          if (error instanceof BrokenFlac) report({ kind: 'broken', message: error.message });
          else report({ kind: 'interrupted' });
        },
      );
    },
    close: () => abort.abort(),
  };
};
