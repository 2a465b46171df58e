import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { env } from './env';
import { axe, expect, MANY, picture, test } from './fixtures';
import { songAt, wheelTo } from './scrolling';
import { otherSong, shortSong } from './songs';

// Real songs are taken apart by real networks, on whatever machine this is.
test.describe.configure({ timeout: 400_000 });
// Long as the whole may take, a thing that is to be pressed is there soon or not at all.
test.use({ actionTimeout: 20_000 });

const songs = (page: Page) => page.getByRole('list', { name: 'Songs', exact: true }).getByRole('article');
const titles = (page: Page) =>
  songs(page).evaluateAll((articles) => articles.map((article) => article.getAttribute('aria-label')));

/** Takes the decoded song out of the object store under the services' feet, or puts it back. */
async function master(deed: 'lose' | 'restore', trackId: string): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const words = ['-m', 'tests.servers.losing', deed, env('PUREMUSIC_SONGS'), trackId];
  await promisify(execFile)(`${root}/.venv/bin/python`, words, { cwd: root });
}

test('songs are searched and sorted, and both survive a reload', async ({ page, open, studio }) => {
  await open('/library', studio);
  await expect.poll(() => titles(page)).toEqual(['Machine Wars', 'Falcon 69']);
  await page.getByRole('combobox', { name: 'Order' }).selectOption('Title');
  await expect.poll(() => titles(page)).toEqual(['Falcon 69', 'Machine Wars']);
  await page.getByRole('searchbox', { name: 'Search songs' }).fill('WARS');
  await expect.poll(() => titles(page)).toEqual(['Machine Wars']);
  await expect(page.getByText('1 song matches')).toBeVisible();
  await expect(page).toHaveURL(/\?search=WARS&order=title$/);
  await page.reload();
  await expect.poll(() => titles(page)).toEqual(['Machine Wars']);
  await expect(page.getByRole('searchbox', { name: 'Search songs' })).toHaveValue('WARS');
  await expect(page.getByRole('combobox', { name: 'Order' })).toHaveValue('title');
  await page.getByRole('searchbox', { name: 'Search songs' }).fill('nothing like it');
  await expect(page.getByRole('heading', { name: 'Nothing fits' })).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: 'Show everything' }).click();
  await expect.poll(() => titles(page)).toEqual(['Falcon 69', 'Machine Wars']);
  await page.getByRole('combobox', { name: 'Show' }).selectOption('With a problem');
  await expect(page.getByRole('heading', { name: 'Nothing fits' })).toBeVisible();
});

test('a card tells what was heard, plays, and adds to the mix', async ({ page, open, studio }) => {
  await open('/library', studio);
  const falcon = page.getByRole('article', { name: 'Falcon 69' });
  await expect(falcon.getByText(/\d BPM/)).toBeVisible();
  await expect(falcon.getByText(/(major|minor)/)).toBeVisible();
  await expect(falcon.getByText(/^Camelot \d+[AB]$/)).toBeVisible();
  await falcon.getByRole('button', { name: 'Play Falcon 69' }).click();
  await expect(falcon.getByRole('button', { name: 'Stop Falcon 69' })).toBeVisible();
  // It ends by itself when the song does.
  await expect(falcon.getByRole('button', { name: 'Play Falcon 69' })).toBeVisible({ timeout: 20_000 });
  await falcon.getByRole('button', { name: 'Add to mix: Falcon 69' }).click();
  await falcon.getByRole('link', { name: 'In your mix: Falcon 69' }).click();
  await expect(page).toHaveURL(/\/mix$/);
  await expect(page.getByText('Falcon 69').first()).toBeVisible();
});

test('several songs are added to the mix at once', async ({ page, open, studio }) => {
  await open('/library', studio);
  await page.getByRole('checkbox', { name: 'Choose Falcon 69' }).check();
  await page.getByRole('checkbox', { name: 'Choose Machine Wars' }).check();
  await expect(page.getByText('2 songs chosen')).toBeVisible();
  await axe(page);
  await picture(page, '08-chosen');
  await page.getByRole('region', { name: 'Chosen songs' }).getByRole('button', { name: 'Add to mix' }).click();
  await expect(page.getByRole('link', { name: /^In your mix/ })).toHaveCount(2);
});

test('a song is renamed where it stands, and the change is there after a reload', async ({ page, open, api }) => {
  await api.bring(shortSong(), { title: 'Old title', process: false });
  await open('/library');
  await page.getByRole('button', { name: 'Rename Old title' }).press('Enter');
  const field = page.getByRole('textbox', { name: 'New title of Old title' });
  await expect(field).toBeFocused();
  await field.fill('   ');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('at least one visible character');
  await field.fill('New title');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'New title', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Rename New title' })).toBeFocused();
  await page.reload();
  await expect(page.getByRole('link', { name: 'New title', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Rename New title' }).press('Enter');
  await page.keyboard.type('never mind');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('link', { name: 'New title', exact: true })).toBeVisible();
});

test('a song that nobody took apart is taken apart when asked to, and it can be stopped', async ({
  page,
  open,
  api,
}) => {
  await api.bring(otherSong(), { title: 'Whole', process: false });
  await open('/library');
  const song = page.getByRole('article', { name: 'Whole' });
  await song.getByRole('button', { name: 'Take it apart: Whole' }).click();
  await expect(song.getByText('Being taken apart', { exact: true })).toBeVisible();
  await song.getByRole('button', { name: /^Stop: .*taken apart|^Stop: Taking apart/ }).click();
  // It ends at its next window of sound, which a busy machine takes half a minute for.
  await expect(song.getByText('Not taken apart')).toBeVisible({ timeout: 120_000 });
});

test('a separation that fails says so, and can be tried again', async ({ page, open, api }) => {
  const trackId = await api.bring(shortSong(), { title: 'Lost', process: false });
  await expect.poll(async () => (await api.get(`/api/v1/tracks/${trackId}`)).status).toBe('TRACK_STATUS_UPLOADED');
  await master('lose', trackId);
  await open('/library');
  const song = page.getByRole('article', { name: 'Lost' });
  await song.getByRole('button', { name: 'Take it apart: Lost' }).click();
  await expect(song.getByText('Could not be taken apart')).toBeVisible({ timeout: 180_000 });
  await expect(song.getByRole('alert')).toContainText('nothing to separate. Try again');
  await axe(page);
  await picture(page, '07-failed');
  await master('restore', trackId);
  await song.getByRole('button', { name: 'Try again: Lost' }).click();
  await expect(song.getByText('Ready to mix')).toBeVisible({ timeout: 180_000 });
});

test('songs are deleted after a question, several at once', async ({ page, open, api }) => {
  await api.announce(3);
  await open('/library');
  await expect(songs(page)).toHaveCount(3);
  await expect(songs(page).first().getByText('Not uploaded to the end')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Choose song 0001' }).check();
  await page.getByRole('checkbox', { name: 'Choose song 0003' }).check();
  await page.getByRole('region', { name: 'Chosen songs' }).getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('alertdialog')).toContainText('Delete 2 songs?');
  await axe(page);
  await page.getByRole('button', { name: 'Keep it as it is' }).click();
  await expect(songs(page)).toHaveCount(3);
  await page.getByRole('region', { name: 'Chosen songs' }).getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete 2 songs' }).click();
  await expect.poll(() => titles(page)).toEqual(['song 0002']);
  await page.reload();
  await expect.poll(() => titles(page)).toEqual(['song 0002']);
});

test('an upload that was begun elsewhere is finished here', async ({ page, open, api }) => {
  const content = Buffer.alloc(1000, 'x');
  await api.post('/api/v1/tracks', { filename: 'elsewhere.flac', sizeBytes: content.length, rightsConfirmed: true });
  await open('/library');
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose the file of elsewhere' }).click();
  await (await choosing).setFiles({ name: 'elsewhere.flac', mimeType: 'audio/flac', buffer: content });
  await expect(page.getByText('“elsewhere.flac” has arrived.').first()).toBeVisible();
  // No song: what the API finds in it is said on the card.
  await expect(page.getByRole('article', { name: 'elsewhere' }).getByRole('alert')).toBeVisible({ timeout: 30_000 });
});

test('fused songs are searched, sorted, renamed and deleted, and a reload shows the same', async ({
  page,
  open,
  api,
}) => {
  const fused = page.getByRole('list', { name: 'Fused songs' }).getByRole('article');
  const names = () => fused.evaluateAll((articles) => articles.map((article) => article.getAttribute('aria-label')));
  await open('/library?tab=fused');
  await expect(page.getByRole('heading', { name: 'Nothing is fused yet' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Go to the mix' })).toHaveAttribute('href', '/mix');
  await axe(page);

  const trackId = await api.bring(shortSong(), { title: 'Falcon 69' });
  await api.apart(trackId);
  for (const [title, type] of [
    ['Night drive', 'vocals'],
    ['Dawn', 'drums'],
    ['Night walk', 'bass'],
  ]) {
    await api.post('/api/v1/fusions', { title, stems: [{ trackId, type }] });
  }
  // They appear by themselves, and are ready by themselves.
  await expect.poll(names).toEqual(['Night walk', 'Dawn', 'Night drive']);
  await expect(fused.getByText('Ready', { exact: true })).toHaveCount(3, { timeout: 60_000 });
  await expect(fused.first()).toContainText('0:06');
  await expect(fused.first()).toContainText('1 part of 1 song');
  await axe(page);
  await picture(page, '10-fused-songs');

  await page.getByRole('button', { name: 'Rename Night walk' }).press('Enter');
  const field = page.getByRole('textbox', { name: 'New title of Night walk' });
  await field.fill('   ');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('at least one visible character');
  await field.fill('Aurora by night');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Rename Aurora by night' })).toBeFocused();

  await page.getByRole('combobox', { name: 'Order' }).selectOption('Title');
  await expect.poll(names).toEqual(['Aurora by night', 'Dawn', 'Night drive']);
  await page.getByRole('combobox', { name: 'Order' }).selectOption('Oldest first');
  await expect.poll(names).toEqual(['Night drive', 'Dawn', 'Aurora by night']);
  await page.getByRole('searchbox', { name: 'Search fused songs' }).fill('NIGHT');
  await expect.poll(names).toEqual(['Night drive', 'Aurora by night']);
  await expect(page).toHaveURL(/\?tab=fused&search=NIGHT&order=oldest$/);
  await page.reload();
  await expect.poll(names).toEqual(['Night drive', 'Aurora by night']);
  await expect(page.getByRole('searchbox', { name: 'Search fused songs' })).toHaveValue('NIGHT');

  await page.getByRole('link', { name: 'Aurora by night', exact: true }).click();
  await expect(page).toHaveURL(/\/fusions\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('heading', { name: 'Aurora by night', level: 1 })).toBeVisible();
  await page.goBack();
  await expect.poll(names).toEqual(['Night drive', 'Aurora by night']);

  const askedToDelete = async () => {
    await page.getByRole('button', { name: 'More for Night drive' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect(page.getByRole('alertdialog')).toContainText('Delete “Night drive”?');
  };
  await askedToDelete();
  await axe(page);
  await page.getByRole('button', { name: 'Keep it as it is' }).click();
  await expect(page.getByRole('button', { name: 'More for Night drive' })).toBeFocused();
  await expect.poll(names).toEqual(['Night drive', 'Aurora by night']);
  await askedToDelete();
  await page.getByRole('button', { name: 'Delete it' }).click();
  await expect.poll(names).toEqual(['Aurora by night']);
  await page.getByRole('searchbox', { name: 'Search fused songs' }).fill('nothing like it');
  await expect(page.getByRole('heading', { name: 'Nothing fits' })).toBeVisible();
  await page.getByRole('button', { name: 'Show everything' }).click();
  await expect.poll(names).toEqual(['Dawn', 'Aurora by night']);
  await page.reload();
  await expect.poll(names).toEqual(['Dawn', 'Aurora by night']);
});

test(`${MANY} songs are reached by wheel, by keyboard and by searching`, async ({ page, open, collector }) => {
  await open('/library?order=title', collector);
  await expect(page.getByText(`${MANY} songs`, { exact: true })).toBeVisible();
  const [first, last] = [songAt(page, 1), songAt(page, MANY)];
  await expect(first).toHaveAttribute('aria-setsize', String(MANY));
  await wheelTo(page, last);
  await expect(last).toContainText(`song ${MANY}`);
  // Never more in the page than what is near the window.
  expect(await songs(page).count()).toBeLessThan(60);
  await last.getByRole('checkbox').focus();
  await page.keyboard.press('Home');
  await expect(first).toBeInViewport();
  await expect(last.getByRole('checkbox')).toBeFocused();
  await page.getByRole('searchbox', { name: 'Search songs' }).fill('song 077');
  await expect(page.getByText('10 songs match')).toBeVisible();
});
