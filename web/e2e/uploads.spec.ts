import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { BrowserContext, Page, Request } from '@playwright/test';
import { decoded } from './decoding';
import { axe, expect, picture, test } from './fixtures';
import { waveFile } from './large_song';
import { noSong, otherSong, shortSong } from './songs';

const MIB = 1024 * 1024;

// Real songs are taken apart by real networks, on whatever machine this is.
test.describe.configure({ timeout: 400_000 });

type Chosen = string | { readonly name: string; readonly mimeType: string; readonly buffer: Buffer };

/** Writes a song of so many bytes, and returns where. */
async function wave(name: string, bytes: number, seed = 1): Promise<string> {
  const path = test.info().outputPath(`${seed}-${bytes}`, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, waveFile(bytes, seed));
  return path;
}

/** Chooses files with the button, as the system's own dialog would bring them. */
async function choose(
  page: Page,
  files: Chosen[],
  button = page.getByRole('button', { name: /^(Bring songs|Choose songs)$/ }).first(),
) {
  const opening = page.waitForEvent('filechooser');
  await button.click();
  const chooser = await opening;
  // Playwright takes paths or contents, not both.
  const paths = files.filter((file) => typeof file === 'string');
  if (paths.length === files.length) await chooser.setFiles(paths);
  else
    await chooser.setFiles(await Promise.all(files.map((file) => (typeof file === 'string' ? contentOf(file) : file))));
}

const contentOf = async (path: string) => ({ name: basename(path), mimeType: '', buffer: await readFile(path) });

/** Chooses files, confirms the rights and sends them on their way. */
async function bring(page: Page, files: Chosen[]) {
  await choose(page, files);
  await page.getByRole('checkbox', { name: /I have the right to use/ }).check();
  await page.getByRole('button', { name: /^Upload \d+ songs?$/ }).click();
}

/** What a phone on the way uploads with, bytes per second. */
async function slow(page: Page, bytesPerSecond: number) {
  const session = await page.context().newCDPSession(page);
  const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond };
  await session.send('Network.emulateNetworkConditions', conditions);
}

/** The numbers of the parts of whose arrival the page has heard, as they come; and those that it sent again after that. */
function partsOf(context: BrowserContext) {
  const heard: number[] = [];
  const twice: number[] = [];
  const numberOf = (request: Request) => Number(new URL(request.url()).searchParams.get('partNumber'));
  context.on('request', (request) => {
    if (request.method() === 'PUT' && heard.includes(numberOf(request))) twice.push(numberOf(request));
  });
  context.on('response', (response) => {
    if (response.request().method() === 'PUT' && response.ok()) heard.push(numberOf(response.request()));
  });
  return { heard, twice };
}

const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });
const progressOf = (page: Page, name: string) => page.getByRole('progressbar', { name: `Upload of ${name}` });
const share = async (page: Page, name: string) =>
  Number((await progressOf(page, name).getAttribute('aria-valuenow')) ?? 0);

test('the whole way: two songs are brought, watched, mixed and fused, and the file that comes out is sound', async ({
  page,
  open,
}) => {
  await open('/library');
  await expect(page.getByRole('heading', { name: 'Bring two songs' })).toBeVisible();
  await axe(page);
  await picture(page, '04-bring-songs');

  await choose(page, [shortSong(), otherSong()]);
  const upload = page.getByRole('button', { name: 'Upload 2 songs' });
  await expect(upload).toBeDisabled();
  await expect(page.getByRole('link', { name: 'What this means' })).toHaveAttribute('href', '/rights#copyright');
  await page.getByRole('checkbox', { name: /I have the right to use each of these songs/ }).check();
  await axe(page);
  await picture(page, '05-rights');
  await slow(page, 150_000);
  await upload.click();

  const name = basename(shortSong());
  const seen = new Set<number>();
  await expect
    .poll(
      async () => {
        seen.add(await share(page, name));
        return [...seen].filter((percent) => percent > 0 && percent < 100).length;
      },
      { intervals: [50] },
    )
    .toBeGreaterThan(2);
  await picture(page, '06-uploading');
  await slow(page, -1);

  const songs = page.getByRole('list', { name: 'Songs', exact: true }).getByRole('article');
  await expect(songs).toHaveCount(2, { timeout: 30_000 });
  await expect(page.getByRole('progressbar').first()).toBeVisible({ timeout: 60_000 });
  await picture(page, '07-taken-apart');
  await expect(songs.filter({ hasText: 'Ready to mix' })).toHaveCount(2, { timeout: 300_000 });
  await expect(songs.filter({ hasText: /\d BPM/ })).toHaveCount(2, { timeout: 60_000 });
  await expect(page.getByText('Two songs are ready')).toBeVisible();
  await expect(page.getByText(/2 songs · .* used with all parts/)).toBeVisible();
  await axe(page);
  await picture(page, '08-ready');
  await picture(page, '08-ready-dark', { dark: true });
  await page.getByRole('button', { name: 'Mix them' }).click();
  await expect(page).toHaveURL(/\/mix$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Mix' })).toBeVisible();

  await page.getByRole('link', { name: 'Next: match and fuse' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Fuse' })).toBeVisible();
  await page.getByLabel('Title').fill('The whole way');
  await page.getByRole('button', { name: 'Fuse', exact: true }).click();
  const save = page.getByRole('button', { name: 'Download WAV' });
  await expect(save).toBeVisible({ timeout: 120_000 });
  const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
  expect(download.suggestedFilename()).toBe('The whole way.wav');
  const heard = await decoded(await download.path());
  expect(heard.channels).toBe(2);
  expect(heard.seconds).toBeGreaterThan(5);
  expect(Math.abs(heard.loudness + 14)).toBeLessThan(1);
  expect(heard.truePeak).toBeLessThanOrEqual(-0.5);
});

test('what is no song is refused with a sentence, here and where it is looked into', async ({ page, open }) => {
  await open('/library');
  await choose(page, [
    noSong(),
    { name: 'cover.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('\x89PNG\r\n', 'latin1') },
    emptyFile,
  ]);
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('It is called MP3, but there is no sound in it.')).toBeVisible();
  await expect(dialog.getByText('This is a picture.')).toBeVisible();
  await expect(dialog.getByText('The file is empty.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Upload/ })).toHaveCount(0);
  await axe(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  const broken = Buffer.concat([waveFile(4000).subarray(0, 12), Buffer.from('nothing that a sound is made of')]);
  await bring(page, [{ name: 'broken.wav', mimeType: 'audio/wav', buffer: broken }]);
  const song = page.getByRole('article', { name: 'broken' });
  await expect(song.getByText('Can’t be used')).toBeVisible({ timeout: 30_000 });
  await expect(song.getByRole('alert')).toContainText(/Delete this one here/);
  await song.getByRole('button', { name: 'More for broken' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete the song' }).click();
  await expect(page.getByRole('heading', { name: 'Bring two songs' })).toBeVisible();
});

const emptyFile: Chosen = { name: 'empty.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(0) };

test('an upload survives a lost network and a walk through the pages, and sends nothing twice', async ({
  page,
  context,
  open,
  api,
}) => {
  const { heard, twice } = partsOf(context);
  await open('/library');
  await slow(page, 4 * MIB);
  await bring(page, [await wave('long.wav', 33 * MIB)]);
  await expect.poll(() => heard.length, { timeout: 40_000 }).toBeGreaterThan(0);
  await context.setOffline(true);
  await expect(row(page, 'long.wav').getByText(/Interrupted at/)).toBeVisible();
  await expect(row(page, 'long.wav').getByText('goes on when it is back')).toBeVisible();
  await picture(page, '06-offline');
  await context.setOffline(false);
  await slow(page, 8 * MIB);
  await expect(row(page, 'long.wav').getByText(/Uploading/)).toBeVisible();
  await page.getByRole('link', { name: 'Mix', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Mix' })).toBeVisible();
  await expect(page.getByText('“long.wav” has arrived.').first()).toBeVisible({ timeout: 60_000 });
  expect(twice).toEqual([]);
  await deleteAll(api);
});

test('after a reload an upload goes on with the same file, and no other, and sends only what is missing', async ({
  page,
  context,
  open,
  api,
}) => {
  const { heard, twice } = partsOf(context);
  await open('/library');
  await slow(page, 4 * MIB);
  await bring(page, [await wave('long.wav', 33 * MIB)]);
  await expect.poll(() => heard.length, { timeout: 40_000 }).toBeGreaterThan(0);
  await page.reload();
  const before = heard.length;
  await expect(row(page, 'long.wav').getByText('Not finished')).toBeVisible();
  await expect(row(page, 'long.wav').getByText('what has arrived is not sent twice')).toBeVisible();
  await axe(page);
  await picture(page, '06-after-reload');

  const again = page.getByRole('button', { name: 'Choose the file again: long.wav' });
  await choose(page, [await wave('long.wav', 20 * MIB)], again);
  await expect(row(page, 'long.wav').getByRole('alert')).toContainText('This is another file: its size is different');
  await choose(page, [await wave('long.wav', 33 * MIB, 2)], again);
  await expect(row(page, 'long.wav').getByRole('alert')).toContainText('it has the same size but other contents', {
    timeout: 30_000,
  });
  expect(heard).toHaveLength(before);
  await choose(page, [await wave('long.wav', 33 * MIB)], again);
  await expect(page.getByText('“long.wav” has arrived.').first()).toBeVisible({ timeout: 60_000 });
  expect(twice).toEqual([]);
  await deleteAll(api);
});

test('an upload can be paused, taken up again, and given up', async ({ page, open, api }) => {
  await open('/library');
  await slow(page, 2 * MIB);
  await bring(page, [await wave('long.wav', 20 * MIB)]);
  await expect.poll(() => share(page, 'long.wav')).toBeGreaterThan(5);
  await page.getByRole('button', { name: 'Pause: long.wav' }).click();
  await expect(row(page, 'long.wav').getByText(/Paused at/)).toBeVisible();
  await page.getByRole('button', { name: 'Go on: long.wav' }).click();
  await expect(row(page, 'long.wav').getByText(/Uploading/)).toBeVisible();
  await page.getByRole('button', { name: 'Cancel the upload of long.wav' }).click();
  await page.getByRole('button', { name: 'Give it up' }).click();
  await expect(page.getByRole('heading', { name: 'Bring two songs' })).toBeVisible();
  expect((await api.get('/api/v1/tracks')).tracks ?? []).toEqual([]);
});

test('songs that are dropped anywhere come in, too', async ({ page, open }) => {
  await open('/mix');
  const content = (await readFile(shortSong())).toString('base64');
  const files = await page.evaluateHandle(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], 'dropped.flac', { type: 'audio/flac' }));
    return transfer;
  }, content);
  const held = page.getByText('Let go to bring these songs');
  // As often as a pointer that moves: what listens is loaded after the page.
  await expect(async () => {
    await page.dispatchEvent('footer', 'dragenter', { dataTransfer: files });
    await expect(held).toBeVisible({ timeout: 500 });
  }).toPass();
  await page.dispatchEvent('footer', 'drop', { dataTransfer: files });
  await expect(page.getByRole('dialog', { name: 'Bring 1 song' }).getByText('dropped.flac')).toBeVisible();
  await expect(held).toBeHidden();
  await expect(page).toHaveURL(/\/library$/);
});

test('bringing a song by keyboard alone, on a small screen', async ({ page, open }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open('/library');
  const name = () =>
    page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
    );
  const tabTo = async (wanted: RegExp) => {
    for (let steps = 0; steps < 30; steps++) {
      await page.keyboard.press('Tab');
      if (wanted.test(await name())) return;
    }
    throw new Error(`${wanted} can't be reached with Tab`);
  };
  await expect(page.getByRole('heading', { name: 'Bring two songs' })).toBeVisible();
  await tabTo(/^Choose songs$/);
  const opening = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  await (await opening).setFiles(shortSong());
  await expect(page.getByRole('dialog')).toBeVisible();
  await expect(page.getByRole('img', { name: 'Fine' })).toBeVisible();
  await axe(page);
  await picture(page, '05-rights-narrow');
  for (let steps = 0; steps < 20; steps++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.getAttribute('role') === 'checkbox')) break;
  }
  await page.keyboard.press('Space');
  await tabTo(/^Upload 1 song$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText(`“${basename(shortSong())}” has arrived.`).first()).toBeVisible();
  await expect(page.getByRole('article', { name: 'falcon' })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await axe(page);
  await picture(page, '07-taken-apart-narrow');
});

/** So that the workers need not take apart what nobody will listen to. */
async function deleteAll(api: {
  get(path: string): Promise<{ tracks?: { trackId: string }[] }>;
  delete(path: string): Promise<unknown>;
}) {
  for (const { trackId } of (await api.get('/api/v1/tracks')).tracks ?? [])
    await api.delete(`/api/v1/tracks/${trackId}`);
}
