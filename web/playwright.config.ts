import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser that the system has; none is downloaded. */
function browser(): string {
  const found = [process.env.PUREMUSIC_CHROMIUM, ...BROWSERS].find((path) => path && existsSync(path));
  if (!found) throw new Error('There is no Chromium: `apt-get install chromium`, or name one in PUREMUSIC_CHROMIUM.');
  return found;
}

const root = process.getuid?.() === 0;
/** A running stack to use instead of one of its own: while tests are being written. */
const running = process.env.PUREMUSIC_URL;

export default defineConfig({
  testDir: './e2e',
  // How fast pages answer is measured on an idle machine (`make bench-web`): elsewhere it says how busy the machine is.
  testIgnore: process.env.PUREMUSIC_RESPONSIVE ? [] : ['**/responsive.spec.ts'],
  outputDir: process.env.PUREMUSIC_TEST_OUTPUT ?? '../build/web-tests',
  // One mesh serves all, on few cores: more at once would only wait for each other.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    ...(running && { baseURL: running }),
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: browser(),
      args: [...(root ? ['--no-sandbox'] : []), '--autoplay-policy=no-user-gesture-required'],
    },
  },
  ...(!running && {
    webServer: {
      command: '.venv/bin/python -m tests.servers.web',
      cwd: '..',
      stdout: 'ignore',
      stderr: 'pipe',
      // What it prints names the address, and songs to bring, for the tests' environment.
      wait: { stdout: /PUREMUSIC_URL=(?<PUREMUSIC_URL>\S+) PUREMUSIC_SONGS=(?<PUREMUSIC_SONGS>\S+)/ },
      timeout: 180_000,
      gracefulShutdown: { signal: 'SIGTERM', timeout: 60_000 },
    },
  }),
});
