/// <reference lib="webworker" />
import { createSHA256 } from 'hash-wasm';
import type { HashAnswer } from './hashing';

const SLICE_BYTES = 4 * 1024 * 1024;

const tell = (answer: HashAnswer) => self.postMessage(answer);

/** Reads the file that it is sent, a slice at a time, so that no more than a slice is in memory. */
self.onmessage = async ({ data: file }: MessageEvent<Blob>) => {
  try {
    const digest = await createSHA256();
    digest.init();
    for (let start = 0; start < file.size; start += SLICE_BYTES) {
      const slice = await file.slice(start, start + SLICE_BYTES).arrayBuffer();
      digest.update(new Uint8Array(slice));
      tell({ read: start + slice.byteLength });
    }
    tell({ sha256: digest.digest('hex') });
  } catch {
    tell({ unreadable: true });
  }
};
