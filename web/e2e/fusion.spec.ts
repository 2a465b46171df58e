import type { Download, Page } from '@playwright/test';
import { decoded } from './decoding';
import { axe, expect, picture, type Studio, test } from './fixtures';
import { shortSong } from './songs';

/** Adds both songs of the studio to the mix, and goes on to fuse it. */
async function fuseOf(page: Page, open: (path: string, who: Studio) => Promise<void>, studio: Studio): Promise<void> {
  await open('/mix', studio);
  for (const title of ['Falcon 69', 'Machine Wars']) {
    await page.getByRole('button', { name: 'Add a song' }).first().click();
    await page.getByRole('button', { name: `Add ${title}` }).click();
    await page.keyboard.press('Escape');
  }
  await page.goto('/fuse');
  await expect(page.getByRole('heading', { name: 'Fuse', level: 1 })).toBeVisible();
}

const plans = (page: Page) => page.getByRole('group', { name: 'Plan' }).getByRole('radio');

/** Presses Fuse and waits for the finished song; returns its id. */
async function fused(page: Page, title: string): Promise<string> {
  await page.getByLabel('Title').fill(title);
  await page.getByRole('button', { name: 'Fuse', exact: true }).click();
  await expect(page).toHaveURL(/\/fusions\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  return page.url().split('/').at(-1) ?? '';
}

async function saved(page: Page, press: () => Promise<void>): Promise<Download> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  return download;
}

test('two songs become one: plans, a preview, the song, its files, its receipt', async ({ page, open, studio }) => {
  test.slow();
  await fuseOf(page, open, studio);
  await expect(plans(page).first()).toBeChecked();
  await expect(page.getByText(/BPM/).first()).toBeVisible();

  await page.getByRole('button', { name: 'Listen to a preview' }).click();
  await expect(page.getByRole('button', { name: /(Play|Pause) the preview/ })).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => page.evaluate(() => document.querySelector('audio')?.currentTime ?? 0)).toBeGreaterThan(0);
  await picture(page, '10-match');

  const second = plans(page).nth(1);
  if (await second.count()) {
    await second.check();
    await expect(page.getByText('This is how it was before you changed something.')).toBeVisible();
    await plans(page).first().check();
  }

  await page.getByText('Files and loudness').click();
  await page.getByLabel('Stems (zip)').check();
  await fused(page, 'Falcon Wars');
  await picture(page, '11-fused');

  for (const [format, seconds] of [
    ['WAV', 0.03],
    ['FLAC', 0.03],
    ['MP3', 0.1],
  ] as const) {
    const download = await saved(page, () => page.getByRole('button', { name: `Download ${format}` }).click());
    expect(download.suggestedFilename()).toBe(`Falcon Wars.${format.toLowerCase()}`);
    const heard = await decoded(await download.path());
    const length = await page.evaluate(() => document.querySelector('audio')?.duration ?? 0);
    expect(Math.abs(heard.seconds - length)).toBeLessThan(seconds + 0.05);
    expect(heard.channels).toBe(2);
    expect(heard.loudness).toBeGreaterThan(-15);
    expect(heard.loudness).toBeLessThan(-13);
    expect(heard.truePeak).toBeLessThanOrEqual(-0.5);
  }
  const stems = await saved(page, () => page.getByRole('button', { name: 'Download Stems (zip)' }).click());
  expect(stems.suggestedFilename()).toBe('Falcon Wars.zip');
  const receipt = await saved(page, () => page.getByRole('button', { name: 'Save the receipt' }).click());
  expect(receipt.suggestedFilename()).toBe('Falcon Wars (receipt).json');

  // The same song again, from the file.
  const first = page.url();
  await page.goto('/fuse');
  await page.getByText('Have a receipt?').click();
  await page.getByLabel('Receipt file').setInputFiles(await receipt.path());
  await expect(page).toHaveURL(/\/fusions\//);
  expect(page.url()).not.toBe(first);
  await expect(page.getByRole('button', { name: 'Download FLAC' })).toBeVisible({ timeout: 60_000 });
});

test('a song can be compared, named, rated, varied and deleted', async ({ page, open, studio }) => {
  test.slow();
  await fuseOf(page, open, studio);
  await page.getByRole('radio', { name: /^In tempo Also|^In tempo One/ }).check();
  const fusionId = await fused(page, 'First');

  await page.getByRole('button', { name: 'Play “First”' }).click();
  await expect.poll(() => page.evaluate(() => document.querySelector('audio')?.currentTime ?? 0)).toBeGreaterThan(0.5);
  await page.getByRole('radio', { name: /“Machine Wars” as you brought it/ }).check();
  await expect(page.getByRole('button', { name: 'Pause “Machine Wars”' })).toBeVisible();
  await expect.poll(() => page.evaluate(() => document.querySelector('audio')?.currentTime ?? 0)).toBeGreaterThan(0.4);
  await page.getByRole('radio', { name: 'The fused song' }).check();
  await page.getByRole('button', { name: 'Pause “First”' }).click();

  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByLabel('Title').fill('   ');
  await page.keyboard.press('Enter');
  await expect(page.getByText('A title needs at least one visible character.')).toBeVisible();
  await page.getByLabel('Title').fill('Night drive');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Night drive', level: 1 })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Rename' })).toBeFocused();

  await page.getByRole('radio', { name: '4 stars' }).check({ force: true });
  await page.getByLabel('Comment').fill('The voice could be louder.');
  await page.getByRole('button', { name: 'Keep my rating' }).click();
  await expect(page.getByText('Thank you. Your rating is kept.').first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole('radio', { name: '4 stars' })).toBeChecked();
  await expect(page.getByLabel('Comment')).toHaveValue('The voice could be louder.');
  const mp3 = await saved(page, () => page.getByRole('button', { name: 'Download MP3' }).click());
  expect(mp3.suggestedFilename()).toBe('Night drive.mp3');

  await page.getByRole('button', { name: 'Make a variation' }).click();
  await expect(page).toHaveURL(/\/fuse$/);
  await expect(page.getByText('A variation of an earlier song')).toBeVisible();
  await expect(page.getByRole('radio', { name: /^In tempo One/ })).toBeChecked();
  await page.getByRole('radio', { name: /^Not at all/ }).check();
  await fused(page, 'Second');
  await page.getByRole('link', { name: /Version 2/ }).click();
  await expect(page).toHaveURL(new RegExp(`${fusionId}$`));

  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete the song' }).click();
  await expect(page).toHaveURL(/\/library$/);
  await page.goto(`/fusions/${fusionId}`);
  await expect(page.getByRole('heading', { name: 'This song is gone' })).toBeVisible();
});

test('what is chosen survives a reload at every step', async ({ page, open, studio }) => {
  test.slow();
  await fuseOf(page, open, studio);
  await page.getByRole('radio', { name: /^Fully/ }).check();
  await page.getByText('More about matching').click();
  await page.getByLabel('Tempo', { exact: true }).selectOption({ label: 'A given tempo' });
  await page.getByLabel('Beats per minute').fill('101');
  await page.getByLabel('Key', { exact: true }).selectOption({ label: 'A given key' });
  await page.getByLabel('Which key').selectOption({ label: 'A minor' });
  await page.getByText('Files and loudness').click();
  await page.getByRole('checkbox', { name: /^WAV/ }).uncheck();
  await page.getByLabel('Loudness', { exact: true }).selectOption({ label: 'Loud, for parties (−9 LUFS)' });
  await page.getByLabel('Title').fill('Kept');
  await expect(page.getByText('101 BPM · A minor').first()).toBeVisible();

  await page.reload();
  await expect(page.getByRole('radio', { name: /^Fully/ })).toBeChecked();
  await expect(page.getByText('101 BPM, A minor')).toBeVisible();
  await expect(page.getByText('FLAC, MP3; −9 LUFS')).toBeVisible();
  await expect(page.getByLabel('Title')).toHaveValue('Kept');
  await expect(page.getByText('101 BPM · A minor').first()).toBeVisible();

  await page.getByRole('button', { name: 'Listen to a preview' }).click();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Play the preview' })).toBeVisible({ timeout: 60_000 });

  await page.getByRole('button', { name: 'Fuse', exact: true }).click();
  await expect(page).toHaveURL(/\/fusions\//);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Kept', level: 1 })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Download WAV' })).toBeHidden();
  await expect(page.getByText('101 BPM · A minor')).toBeVisible();
});

test('a song that takes long can be cancelled, and made after all', async ({ page, open, studio }) => {
  test.slow();
  await fuseOf(page, open, studio);
  await page.getByText('More about matching').click();
  await page.getByLabel('Length', { exact: true }).selectOption({ label: 'So many bars' });
  await page.getByLabel('How many bars').fill('600');
  await page.getByText('Files and loudness').click();
  for (const more of [/^OGG/, /^Opus/]) await page.getByRole('checkbox', { name: more }).check();
  await expect(plans(page).first()).toBeVisible();
  await page.getByLabel('Title').fill('Long');
  await page.getByRole('button', { name: 'Fuse', exact: true }).click();
  await expect(page.getByText('Your song is being made')).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('You cancelled this song')).toBeVisible({ timeout: 30_000 });
  const cancelled = page.url();
  await page.getByRole('button', { name: 'Make it after all' }).click();
  await expect(page).not.toHaveURL(cancelled);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('You cancelled this song')).toBeVisible({ timeout: 30_000 });
});

test('a lost network costs nothing: the preview and the song are asked for again', async ({ page, open, studio }) => {
  await fuseOf(page, open, studio);
  await expect(plans(page).first()).toBeVisible();
  await page.route('**/puremusic.fusion.v1.FusionsService/CreateFusion', (route) => route.abort());
  await page.getByRole('button', { name: 'Listen to a preview' }).click();
  await expect(page.getByRole('alert')).toContainText('can’t be reached');
  await page.unroute('**/puremusic.fusion.v1.FusionsService/CreateFusion');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: /(Play|Pause) the preview/ })).toBeVisible({ timeout: 60_000 });

  // The song arrives, its answer does not: trying again makes no second one.
  let lost = 0;
  await page.route('**/puremusic.fusion.v1.FusionsService/CreateFusion', async (route) => {
    if (lost++) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.getByLabel('Title').fill('Once');
  await page.getByRole('button', { name: 'Fuse', exact: true }).click();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Once', level: 1 })).toBeVisible();
});

test('what is still being taken apart is waited for', async ({ page, open, api, person }) => {
  test.setTimeout(360_000);
  const trackId = await api.bring(shortSong(), { title: 'Late', process: false });
  const { userId } = await api.get('/api/v1/auth/me');
  const voice = { key: `${trackId}/vocals`, trackId, type: 'vocals', gainDb: 0, pan: 0, mute: false, solo: false };
  const mix = { title: '', voices: [voice], unsettled: [], loop: null, speed: 1, volumeDb: 0 };
  await page.addInitScript(
    ([key, kept]) => localStorage.setItem(key ?? '', kept ?? ''),
    [`puremusic/${userId}/mix`, JSON.stringify({ state: mix, version: 1 })],
  );
  await open('/fuse', person);
  await expect(page.getByText(/The track has no stems/)).toBeVisible();
  await expect(page.getByRole('link', { name: 'Open the song' })).toHaveAttribute('href', `/tracks/${trackId}`);
  await expect(page.getByRole('button', { name: 'Fuse', exact: true })).toBeDisabled();

  await api.post('/api/v1/separations', { trackId });
  await page.reload();
  await expect(page.getByText('One of the songs is still being taken apart.')).toBeVisible();
  await expect(page.getByText(/“Late”.* It goes on here by itself\./)).toBeVisible();
  // It was not processed by itself: nobody has listened to it either.
  await page.getByRole('button', { name: 'Listen to “Late” now' }).click({ timeout: 180_000 });
  await expect(
    page
      .getByText(/Listening to “Late”/)
      .or(plans(page).first())
      .first(),
  ).toBeVisible();
  await expect(plans(page).first()).toBeVisible({ timeout: 120_000 });
  await expect(page.getByRole('button', { name: 'Fuse', exact: true })).toBeEnabled();
});

test('by keyboard alone', async ({ page, open, studio }) => {
  test.slow();
  await fuseOf(page, open, studio);
  await expect(plans(page).first()).toBeVisible();
  const reach = async (name: RegExp | string, role: 'button' | 'radio' | 'textbox') => {
    const wanted = page.getByRole(role, { name, exact: typeof name === 'string' }).first();
    for (let pressed = 0; pressed < 80; pressed++) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    await expect(wanted).toBeFocused();
  };
  await reach(/^In tempo and key/, 'radio');
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('radio', { name: /^In tempo One/ })).toBeChecked();
  await reach('Title', 'textbox');
  await page.keyboard.type('Keys');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Keys', level: 1 })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Download' })).toBeVisible({ timeout: 60_000 });
  await reach('Rename', 'button');
  await page.keyboard.press('Enter');
  await page.keyboard.type(' renamed');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: / renamed$/, level: 1 })).toBeVisible();
  await reach('Download MP3', 'button');
  await saved(page, () => page.keyboard.press('Enter'));
});

test.describe('on a small screen', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('everything fits, and axe finds nothing', async ({ page, open, studio }) => {
    test.slow();
    const fits = async () => {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
    };
    await fuseOf(page, open, studio);
    await expect(plans(page).first()).toBeVisible();
    for (const fold of ['More about matching', 'Files and loudness', 'Have a receipt?'])
      await page.getByText(fold).click();
    await fits();
    await axe(page);
    await page.getByRole('switch', { name: 'A cover' }).check();
    await fused(page, 'A rather long title for a song that has to fit on a very small screen');
    await fits();
    await axe(page);
  });
});
