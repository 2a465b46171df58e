// Runs in a worker of its own, so that finding frames never holds up the page.
import { type FlacFile, type FlacReport, openFlacHere } from './reading';

/** What the page asks of the worker; each file has a number. */
export type FlacOrder =
  | { readonly file: number; readonly kind: 'fetch'; readonly url: string }
  | { readonly file: number; readonly kind: 'close' };

/** What the worker says. */
export interface FlacMessage {
  readonly file: number;
  readonly report: FlacReport;
}

const files = new Map<number, FlacFile>();

self.addEventListener('message', ({ data: order }: MessageEvent<FlacOrder>) => {
  const open = files.get(order.file);
  if (order.kind === 'close') {
    open?.close();
    files.delete(order.file);
    return;
  }
  const file = open ?? openFlacHere((report) => self.postMessage({ file: order.file, report } satisfies FlacMessage));
  files.set(order.file, file);
  file.fetch(order.url);
});
