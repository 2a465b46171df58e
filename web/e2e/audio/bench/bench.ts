/// <reference types="vite/client" />
/// <reference path="../../../src/listening/engine/signalsmith_stretch.d.ts" />
import * as live from './live';
import * as offline from './offline';

/** What the tests call in the page. */
export const bench = { ...offline, ...live };

declare global {
  interface Window {
    bench: typeof bench;
  }
}

window.bench = bench;
