import type { FlacMessage, FlacOrder } from './flac_worker';
import type { FlacReport, OpenFlac } from './reading';

let worker: Worker | undefined;
let files = 0;
const listeners = new Map<number, (report: FlacReport) => void>();

/** As `openFlacHere`, in a worker that all files share. */
export const openFlacInWorker: OpenFlac = (report) => {
  const file = ++files;
  listeners.set(file, report);
  return {
    fetch: (url) => order({ file, kind: 'fetch', url: new URL(url, location.href).href }),
    close: () => {
      listeners.delete(file);
      order({ file, kind: 'close' });
    },
  };
};

function order(order: FlacOrder): void {
  worker ??= start();
  worker.postMessage(order);
}

function start(): Worker {
  const started = new Worker(new URL('./flac_worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<FlacMessage>) => listeners.get(data.file)?.(data.report));
  // The script could not be loaded, or broke: the next order starts another worker.
  started.addEventListener('error', () => {
    worker = undefined;
    for (const listener of [...listeners.values()]) listener({ kind: 'lost' });
  });
  return started;
}
