import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { firstLoad } from './budget/first_load.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react(), tailwindcss(), firstLoad(250_000)],
  resolve: {
    alias: [{ find: '@', replacement: here('./src') }],
  },
  // The gateway puts a new one in its place each time (services/gateway/http/web_client.py).
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    target: 'es2023',
    // light-dark() is left as it is from these on.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // Worklets and icons as data: addresses would be refused by the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    chunkSizeWarningLimit: 1000,
  },
  test: {
    // A file that needs a DOM begins with `// @vitest-environment jsdom`: making one takes longer than most tests.
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['./src/testing.ts'],
    restoreMocks: true,
    // CI has two cores, and other checks run beside these.
    testTimeout: 20_000,
  },
});
