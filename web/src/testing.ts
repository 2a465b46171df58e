import { locks } from 'node:worker_threads';
import { afterEach, beforeEach } from 'vitest';

// What every browser has and jsdom lacks; Node's own locks are the real thing.
if (!navigator.locks) Object.defineProperty(navigator, 'locks', { value: locks, configurable: true });
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
if (typeof document !== 'undefined') {
  Element.prototype.scrollIntoView ??= () => {};
  Element.prototype.hasPointerCapture ??= () => false;
  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
  afterEach(async () => (await import('@testing-library/react')).cleanup());
}
