import { UNREADABLE, UploadError } from './upload_error';

/** What the worker says: how many bytes it has read, and in the end the hash. */
export type HashAnswer = { readonly read: number } | { readonly sha256: string } | { readonly unreadable: true };

/** Computes the SHA-256 of a file, hex, and tells how many bytes of it are read. */
export type Hash = (file: Blob, onRead: (bytes: number) => void, signal: AbortSignal) => Promise<string>;

/** Off the page's own thread, so that the page stays quick. */
export const hashInWorker: Hash = async (file, onRead, signal) => {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./hash_worker.ts', import.meta.url), { type: 'module', name: 'hash' });
  try {
    return await new Promise<string>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      worker.onerror = () => reject(new UploadError(UNREADABLE));
      worker.onmessage = ({ data }: MessageEvent<HashAnswer>) => {
        if ('read' in data) onRead(data.read);
        else if ('sha256' in data) resolve(data.sha256);
        else reject(new UploadError(UNREADABLE));
      };
      worker.postMessage(file);
    });
  } finally {
    worker.terminate();
  }
};
