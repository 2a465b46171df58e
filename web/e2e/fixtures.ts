import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { env } from './env';
import { Api, newPerson, type Person } from './people';
import { otherSong, shortSong } from './songs';

export { axe } from './axe';
export { picture } from './picture';
export { expect };

/** Somebody whose two songs have been taken apart and heard. */
export interface Studio extends Person {
  readonly shortTrackId: string;
  readonly otherTrackId: string;
}

/** How many songs a collector has. */
export const MANY = 1000;

interface TestFixtures {
  /** Somebody new, for this test alone; signed in nowhere yet. */
  readonly person: Person;
  /** The API as `person`. */
  readonly api: Api;
  /** Signs `person` (or another) in, in the browser of `page`, and opens an address. */
  readonly open: (path: string, who?: Person) => Promise<void>;
  /** Of itself: nothing on the page failed, broke the Content-Security-Policy or asked a third party. */
  readonly untroubled: undefined;
}

interface WorkerFixtures {
  readonly url: string;
  /** One for all tests that only look and listen. They must leave its songs as they are. */
  readonly studio: Studio;
  /** Somebody with very many songs, whose bytes never came. */
  readonly collector: Person;
}

/** Signs somebody in, in all tabs of a browser, without the page for it. */
export async function signedIn(context: BrowserContext, url: string, { email, password }: Person): Promise<void> {
  const headers = { 'x-puremusic-session': '1', origin: url };
  const response = await context.request.post(`${url}/api/v1/session`, { data: { email, password }, headers });
  expect(response.ok(), await response.text()).toBe(true);
  await context.addInitScript(() => {
    // Blank documents have no origin, and no storage.
    if (window.origin !== 'null') localStorage.setItem('puremusic.signed-in', '1');
  });
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  url: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what is needed from it
    async ({}, use) => {
      await use(env('PUREMUSIC_URL'));
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ url }, use) => use(url),
  person: async ({ request, url }, use) => use(await newPerson(request, url)),
  api: async ({ request, url, person }, use) => use(await Api.of(request, url, person)),
  open: async ({ page, context, url, person }, use) => {
    await use(async (path, who = person) => {
      await signedIn(context, url, who);
      await page.goto(path);
    });
  },
  studio: [
    async ({ playwright, url }, use) => {
      const request = await playwright.request.newContext();
      const person = await newPerson(request, url);
      const api = await Api.of(request, url, person);
      const shortTrackId = await api.bring(shortSong(), { title: 'Falcon 69' });
      const otherTrackId = await api.bring(otherSong(), { title: 'Machine Wars' });
      await api.apart(shortTrackId);
      await api.apart(otherTrackId);
      await use({ ...person, shortTrackId, otherTrackId });
      await request.dispose();
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  collector: [
    async ({ playwright, url }, use) => {
      const request = await playwright.request.newContext();
      const person = await newPerson(request, url);
      await (await Api.of(request, url, person)).announce(MANY);
      await use(person);
      await request.dispose();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  untroubled: [
    async ({ context, url }, use) => {
      const troubles: string[] = [];
      const look = (page: Page) => {
        page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
        page.on('console', (message) => {
          if (/Content.Security.Policy|React|Warning:/.test(message.text()))
            troubles.push(`console: ${message.text()}`);
        });
      };
      context.on('page', look);
      context.on('request', (request) => {
        const ours = [url, 'blob:', 'data:', 'about:'].some((origin) => request.url().startsWith(origin));
        if (!ours) troubles.push(`third party: ${request.url()}`);
      });
      await use(undefined);
      expect(troubles).toEqual([]);
    },
    { auto: true },
  ],
});
