import type { Page } from '@playwright/test';
import { expect, picture, test } from './fixtures';
import { PASSWORD } from './people';

/** What reaches over the right edge. */
const overflowing = (page: Page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (one) => one.getBoundingClientRect().right > clientWidth,
    );
    return wide.map((one) => `${one.tagName} ${one.className} ${one.textContent?.slice(0, 30)}`);
  });

test('the way in by keyboard alone', async ({ page }) => {
  const focused = page.locator(':focus');
  const tabTo = async (name: RegExp) => {
    for (let steps = 0; steps < 25; steps++) {
      await page.keyboard.press('Tab');
      if (
        (await focused.count()) === 1 &&
        name.test((await focused.getAttribute('aria-label')) ?? (await focused.textContent()) ?? '')
      )
        return;
    }
    throw new Error(`${name} can't be reached with Tab`);
  };
  await page.goto('/');
  await page.keyboard.press('Tab');
  await expect(focused).toHaveText('Skip to the content');
  await expect(focused).toBeInViewport();
  await page.keyboard.press('Enter');
  await tabTo(/^Create an account$/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveTitle(/^Create an account/);
  await expect(page.locator('main')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('E-mail')).toBeFocused();
  await page.keyboard.type(`${crypto.randomUUID()}@example.org`);
  await page.keyboard.press('Tab');
  await page.keyboard.type('Ann');
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Show the password' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('checkbox')).toBeFocused();
  await page.keyboard.press('Space');
  await tabTo(/^Create the account$/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/library$/);
  await tabTo(/^Account of Ann$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Your account' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Account of Ann' })).toBeFocused();
});

for (const [width, height] of [
  [360, 740],
  [3840, 2160],
] as const) {
  test(`every page fits ${width} pixels`, async ({ page, open }) => {
    await page.setViewportSize({ width, height });
    for (const path of ['/', '/sign-in', '/register', '/rights', '/nothing/here']) {
      await page.goto(path);
      await expect(page.locator('h1').first()).toBeAttached();
      expect(await overflowing(page), path).toEqual([]);
      if (path === '/' && width === 360) await picture(page, '17-welcome-phone');
    }
    await open('/library');
    for (const path of ['/library', '/mix', '/fuse', '/account']) {
      await page.goto(path);
      await expect(page.locator('h1').first()).toBeAttached();
      expect(await overflowing(page), path).toEqual([]);
    }
  });
}

test('dark, light or as the device: chosen once, kept, and there before the first paint', async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await expect(page.locator('h1')).toBeVisible();
  const light = await background();
  await page.getByRole('button', { name: 'Appearance: As the device' }).click();
  await page.getByRole('menuitem', { name: 'Dark' }).click();
  await expect.poll(background).not.toBe(light);
  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await picture(page, '18-welcome-dark', { dark: true });
  await page.getByRole('button', { name: 'Appearance: Dark' }).click();
  await page.getByRole('menuitem', { name: 'Light' }).click();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(background).toBe(light);
});

test('a strict policy; that pages keep to it is seen to in every test', async ({ request }) => {
  const response = await request.get('/');
  const policy = response.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(policy).toContain("style-src 'self'");
  expect(policy).not.toContain("'unsafe-inline'");
  expect(policy).not.toContain('https:');
});

test('what is fetched once is fetched compressed, and kept', async ({ request }) => {
  const page = await (await request.get('/')).text();
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1];
  const response = await request.get(script ?? '', { headers: { 'accept-encoding': 'gzip' } });
  expect(response.headers()).toMatchObject({
    'content-encoding': 'gzip',
    'cache-control': expect.stringContaining('immutable'),
  });
});
