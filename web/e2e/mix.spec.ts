import type { Page } from '@playwright/test';
import { axe, expect, picture, test } from './fixtures';

async function addSongs(page: Page, ...titles: string[]) {
  await page.getByRole('button', { name: 'Add a song' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a song' });
  for (const title of titles) {
    await dialog.getByRole('textbox', { name: 'Title or file name' }).or(dialog.getByRole('searchbox')).fill(title);
    await dialog.getByRole('button', { name: `Add ${title}` }).click();
    await expect(dialog.getByRole('button', { name: `${title} is in the mix` })).toBeDisabled();
  }
  await page.keyboard.press('Escape');
}

const position = (page: Page) => page.getByRole('slider', { name: 'Position in the song' });
const seconds = async (page: Page) => Number(await position(page).getAttribute('aria-valuenow'));
const song = (page: Page, title: string) => page.getByRole('region', { name: title });

test('an empty mix teaches what it is for', async ({ page, open, studio }) => {
  await open('/mix', studio);
  await expect(page.getByRole('heading', { name: 'Pick the parts you like' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Next: match and fuse' })).toHaveCount(0);
  await axe(page);
});

test('two songs are mixed by hand, and everything is there again after a reload', async ({ page, open, studio }) => {
  await open('/mix', studio);
  await addSongs(page, 'Falcon 69', 'Machine Wars');
  const falcon = song(page, 'Falcon 69');
  await expect(falcon.getByRole('listitem')).toHaveCount(4);
  await expect(page.getByText('keep their own tempo and key')).toBeVisible();
  await expect(page.getByRole('progressbar')).toHaveCount(0);

  await falcon.getByRole('button', { name: 'Mute Drums of Falcon 69' }).click();
  await falcon.getByRole('slider', { name: 'Level of Vocals of Falcon 69' }).press('PageDown');
  await falcon.getByRole('slider', { name: 'Left or right of Bass of Falcon 69' }).press('End');
  await song(page, 'Machine Wars').getByRole('button', { name: 'Remove Other of Machine Wars' }).click();
  await page.getByRole('textbox', { name: 'Name of the mix' }).fill('Falcon Wars');
  await page.evaluate(() => window.scrollTo(0, 0));
  await picture(page, '09-mix');
  await axe(page);

  await page.reload();
  await expect(falcon.getByRole('button', { name: 'Mute Drums of Falcon 69' })).toHaveAttribute('aria-pressed', 'true');
  await expect(falcon.getByRole('slider', { name: 'Level of Vocals of Falcon 69' })).toHaveAttribute(
    'aria-valuenow',
    '-5',
  );
  await expect(falcon.getByRole('slider', { name: 'Left or right of Bass of Falcon 69' })).toHaveAttribute(
    'aria-valuetext',
    '100 % right',
  );
  await expect(song(page, 'Machine Wars').getByRole('button', { name: 'Add Other of Machine Wars' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Name of the mix' })).toHaveValue('Falcon Wars');
  await page.getByRole('link', { name: 'Next: match and fuse' }).click();
  await expect(page).toHaveURL(/\/fuse$/);
});

test('the keyboard plays', async ({ page, open, studio }) => {
  await open('/mix', studio);
  await addSongs(page, 'Falcon 69', 'Machine Wars');
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await page.getByRole('heading', { name: 'Mix', exact: true }).click();

  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect.poll(() => seconds(page)).toBeGreaterThan(0);
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();

  await position(page).press('Home');
  await page.getByRole('heading', { name: 'Mix', exact: true }).click();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => seconds(page)).toBe(5);
  await page.keyboard.press('[');
  await expect(page.getByRole('slider', { name: 'Loop start' })).toHaveAttribute('aria-valuenow', '5');
  await page.keyboard.press('l');
  await expect(page.getByRole('slider', { name: 'Loop start' })).toHaveCount(0);

  await page.keyboard.press('2');
  await expect(page.getByRole('button', { name: 'Solo Drums of Falcon 69' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+1');
  await expect(page.getByRole('button', { name: 'Mute Vocals of Machine Wars' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await page.keyboard.press('s');
  await expect(page.getByRole('slider', { name: 'Speed' })).toHaveAttribute('aria-valuetext', '90 %');

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await expect(help).toBeVisible();
  await axe(page);
  await help.getByRole('switch', { name: 'Use these keys' }).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('s');
  await expect(page.getByRole('slider', { name: 'Speed' })).toHaveAttribute('aria-valuetext', '90 %');
});

test('on a phone the stems stand one under the other, and nothing is cut off', async ({ page, open, studio }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open('/mix', studio);
  await addSongs(page, 'Falcon 69');
  await expect(song(page, 'Falcon 69').getByRole('listitem')).toHaveCount(4);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(360);
  const boxes = await song(page, 'Falcon 69')
    .getByRole('listitem')
    .evaluateAll((items) => items.map((item) => item.getBoundingClientRect().left));
  expect(new Set(boxes).size).toBe(1);
  await picture(page, '09-mix-phone');
  await axe(page);
});
