import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { Api } from './people';

const LIFE_OF_A_TOKEN_MS = 15 * 60_000;

/** How many tabs wait for the stream to become theirs. */
const waiting = (page: Page) =>
  page.evaluate(
    async () =>
      (await navigator.locks.query()).pending?.filter(({ name }) => name?.startsWith('puremusic-watch')).length,
  );

test('a reload never shows the way to sign in to those who are', async ({ page, open }) => {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const heading = document.querySelector('h1')?.textContent;
      if (heading && heading !== seen.at(-1)) seen.push(heading);
    }).observe(document, { childList: true, subtree: true });
  });
  await open('/account');
  await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
  expect(await page.evaluate(() => Reflect.get(window, 'seen'))).toEqual(['Your account']);
});

test('reloads in the middle of a renewal end no session', async ({ page, open }) => {
  await open('/account');
  for (let times = 0; times < 4; times++) {
    const renewing = page.waitForRequest('**/session/refresh');
    void page.reload({ waitUntil: 'commit' });
    await renewing;
  }
  await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
});

test('when a session runs out mid-way one signs in over the page and loses nothing', async ({
  page,
  open,
  person,
  request,
  url,
}) => {
  await open('/account');
  await page.getByLabel('Name of the new key').fill('Half-typed');
  await page.getByLabel('What should we call you?').fill('Ann');
  const { email, password } = person;
  const { refreshToken } = await Api.post(request, `${url}/api/v1/auth/login`, { email, password });
  await Api.post(request, `${url}/api/v1/auth/logout`, { refreshToken, everywhere: true });
  await page.clock.setFixedTime(Date.now() + LIFE_OF_A_TOKEN_MS);
  await page.getByRole('button', { name: 'Save the name' }).click();
  const dialog = page.getByRole('dialog', { name: 'Please sign in again' });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByLabel('E-mail')).toHaveValue(person.email);
  await dialog.getByLabel('Password', { exact: true }).fill(person.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toBeHidden();
  // What was asked for goes on by itself.
  await expect(page.getByText('Your name was changed.', { exact: true })).toBeVisible();
  await expect(page.getByLabel('Name of the new key')).toHaveValue('Half-typed');
  await expect(page).toHaveURL(/\/account$/);
});

test('two tabs have one session: signing in and out in one is seen in the other', async ({ context, page, person }) => {
  const other = await context.newPage();
  await page.goto('/sign-in');
  await other.goto('/sign-in');
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(other).toHaveURL(/\/library$/);
  await other.getByRole('button', { name: /^Account of/ }).click();
  await other.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
});

test('one watch stream per browser, whoever closes first', async ({ context, page, open }) => {
  const opened: string[] = [];
  context.on('request', (request) => request.url().endsWith('/WatchJobs') && opened.push(request.url()));
  await open('/account');
  await expect.poll(() => opened.length).toBe(1);
  const other = await context.newPage();
  const third = await context.newPage();
  await other.goto('/account');
  await third.goto('/account');
  await expect.poll(() => waiting(page)).toBe(2);
  expect(opened).toHaveLength(1);
  await page.close();
  await expect.poll(() => opened.length).toBe(2);
  await expect.poll(() => waiting(other)).toBe(1);
  expect(opened).toHaveLength(2);
});

test('without a network the page says so, and goes on by itself', async ({ context, page, open }) => {
  await open('/account');
  await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await page.getByLabel('What should we call you?').fill('Ann');
  await page.getByRole('button', { name: 'Save the name' }).click();
  await expect(page.getByRole('alert')).toContainText('can’t be reached');
  await context.setOffline(false);
  await expect(page.getByText('You are offline.')).toBeHidden();
  await page.getByRole('button', { name: 'Save the name' }).click();
  await expect(page.getByText('Your name was changed.', { exact: true })).toBeVisible();
});
