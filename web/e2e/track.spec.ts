import type { Locator, Page } from '@playwright/test';
import { axe, expect, picture, test } from './fixtures';
import type { Api } from './people';
import { longSong, otherSong } from './songs';

const position = (page: Page) => page.getByRole('slider', { name: 'Position in the song' });
const seconds = async (page: Page) => Number(await position(page).getAttribute('aria-valuenow'));
const finding = (page: Page, title: string) =>
  page.getByRole('region', { name: 'What was heard' }).getByRole('group', { name: title });
const value = (group: Locator) => group.locator('output');

/** Brings a song and has it listened to, but not taken apart. */
async function heard(api: Api, path: string, title: string): Promise<string> {
  const trackId = await api.bring(path, { title, process: false });
  await api.checked(trackId);
  await api.post(`/api/v1/tracks/${trackId}/analysis`);
  const state = async () => (await api.get(`/api/v1/tracks/${trackId}/analysis`)).status;
  await expect.poll(state, { timeout: 120_000, intervals: [500] }).toBe('ANALYSIS_STATUS_COMPLETED');
  return trackId;
}

/** How far the loudest stem's meter is out, 0 to 1; meters are hidden from screen readers, so they have no role to find them by. */
const loudness = (page: Page) =>
  page
    .locator('li [aria-hidden] > .origin-left')
    .evaluateAll((bars) => Math.max(...bars.map((bar) => Number.parseFloat(getComputedStyle(bar).scale))));

/** Whether something is drawn on a canvas of the picture, wherever it is. */
const drawn = (page: Page) =>
  page.getByRole('region', { name: 'The song as a picture' }).evaluate((region) => {
    const roots = [
      region,
      ...[...region.querySelectorAll('*')].flatMap((one) => (one.shadowRoot ? [one.shadowRoot] : [])),
    ];
    const canvases = roots
      .flatMap((root) => [...root.querySelectorAll('canvas')])
      .filter((canvas) => canvas.width > 0 && canvas.height > 0);
    const inked = canvases.filter((canvas) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      return data.some((sample) => sample > 0);
    });
    return inked.length;
  });

test('a song is seen and heard', async ({ page, open, studio }) => {
  await open(`/tracks/${studio.shortTrackId}`, studio);
  await expect(page.getByRole('heading', { level: 1, name: 'Falcon 69' })).toBeVisible();
  await expect(page).toHaveTitle(/^Falcon 69/);
  await expect(page.getByText('0:06 · 44.1 kHz, stereo')).toBeVisible();
  await expect.poll(() => drawn(page)).toBeGreaterThan(3);

  // In a loop, so that the song does not end before the test has looked.
  await page.getByRole('button', { name: 'Loop', exact: true }).click();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await expect.poll(() => seconds(page)).toBeGreaterThan(0);
  await page.getByRole('switch', { name: 'Click on the beats' }).click();
  await page.getByRole('button', { name: 'Its stems' }).click();
  await page.getByRole('button', { name: 'Solo Drums' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Loop', exact: true }).click();

  const box = await position(page).boundingBox();
  if (!box) throw new Error('the picture has no place');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 3);
  await expect.poll(() => seconds(page)).toBe(3);
  await position(page).press('End');
  await expect.poll(() => seconds(page)).toBe(6);
  await position(page).press('ArrowLeft');
  await expect.poll(() => seconds(page)).toBe(1);
  await position(page).press('+');
  await expect
    .poll(async () => Number(await page.getByRole('slider', { name: 'Zoom' }).getAttribute('aria-valuenow')))
    .toBeGreaterThan(0);
  await axe(page);
});

test('tempo and key are corrected, and stay so', async ({ page, open, api }) => {
  const trackId = await heard(api, otherSong(), 'Machine Wars');
  await open(`/tracks/${trackId}`);
  const tempo = finding(page, 'Tempo');
  const before = Number.parseFloat((await value(tempo).textContent()) ?? '');
  expect(before).toBeGreaterThan(20);
  const doubled = `${Number((before * 2).toFixed(1))}`;

  await tempo.getByRole('button', { name: /twice as fast/ }).click();
  await expect(value(tempo)).toContainText(doubled.slice(0, 3));
  await expect(tempo.getByText('Said by you')).toBeVisible();
  await expect(tempo.getByText(/We heard: /)).toContainText(String(before));

  const key = finding(page, 'Key');
  await key.getByRole('button', { name: 'Choose the key' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Which key is it?' });
  await dialog.getByRole('radio', { name: 'C major, Camelot 8B' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(dialog.getByRole('radio', { name: 'G major, Camelot 9B' })).toBeChecked();
  await page.keyboard.press('ArrowDown');
  await expect(dialog.getByRole('radio', { name: 'E minor, Camelot 9A' })).toBeChecked();
  await picture(page, 'track-key');
  await axe(page);
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(value(key)).toContainText('E minor');

  await page.reload();
  await expect(value(tempo)).toContainText(doubled.slice(0, 3));
  await expect(value(key)).toContainText('E minor');
  await page.goto('/library');
  await expect(page.getByText(/E minor/).first()).toBeVisible();

  await page.goto(`/tracks/${trackId}`);
  await tempo.getByRole('button', { name: 'Take it back: the tempo' }).click();
  await expect(value(tempo)).toContainText(String(before));
  await expect(tempo.getByText('Said by you')).toHaveCount(0);
  const told = await api.get(`/api/v1/tracks/${trackId}/analysis`);
  expect(told.corrections.tempo).toBeUndefined();
  expect(told.corrections.key).toEqual({ tonic: 4, mode: 'MODE_MINOR' });
});

test('a tempo is typed, tapped, and refused in plain words', async ({ page, open, api }) => {
  const trackId = await heard(api, otherSong(), 'Machine Wars');
  await open(`/tracks/${trackId}`);
  const tempo = finding(page, 'Tempo');
  await tempo.getByLabel('Another tempo, BPM').fill('500');
  await tempo.getByRole('button', { name: 'Set' }).click();
  await expect(tempo.getByText('Type a number between 20 and 400.')).toBeVisible();

  await tempo.getByRole('button', { name: 'Tap along' }).click();
  const tap = tempo.getByRole('button', { name: 'Tap here' });
  await expect(tap).toBeFocused();
  // Taps at their times: the test does not wait for them.
  await tap.evaluate((button) => {
    for (let i = 0; i < 9; i++) {
      const press = new KeyboardEvent('keydown', { key: ' ', bubbles: true });
      Object.defineProperty(press, 'timeStamp', { value: 1_000 + i * 731 + (i % 3) * 9 });
      button.dispatchEvent(press);
    }
  });
  await expect(tempo.getByText(/You tap 8\d(\.\d)? BPM/)).toBeVisible();
  await tempo.getByRole('button', { name: /^Use [\d.]+ BPM/ }).click();
  await expect(tempo.getByText('Said by you')).toBeVisible();
  await axe(page);

  // The network breaks: what was said is taken back on the page, and it says why.
  const said = await value(tempo).textContent();
  await page.route('**/UpdateAnalysis', (route) => route.abort());
  await tempo.getByLabel('Another tempo, BPM').fill('77');
  await tempo.getByRole('button', { name: 'Set' }).click();
  await expect(tempo.getByRole('alert')).toContainText('can’t be reached');
  await expect(value(tempo)).toHaveText(said ?? '');
});

test('bars begin where somebody says', async ({ page, open, api }) => {
  const trackId = await heard(api, otherSong(), 'Machine Wars');
  const before = await api.get(`/api/v1/tracks/${trackId}/analysis`);
  const off = before.beats.positions.findIndex(
    (place: number, i: number) => place !== 1 && before.beats.seconds[i] > 1,
  );
  await open(`/tracks/${trackId}`);
  const bars = finding(page, 'Bars');
  await position(page).press('Home');
  for (let i = 0; i < off; i++) await position(page).press('Shift+ArrowRight');
  await bars.getByRole('button', { name: 'This beat is the one' }).click();
  await expect(bars.getByText('You said: a bar begins at')).toBeVisible();
  await bars.getByLabel('Time signature').selectOption('3/4');
  await expect(value(bars)).toHaveText('3/4');
  await expect.poll(async () => (await api.get(`/api/v1/tracks/${trackId}/analysis`)).timeSignature.numerator).toBe(3);
  const after = await api.get(`/api/v1/tracks/${trackId}/analysis`);
  const at = after.corrections.downbeatSeconds;
  expect(before.beats.seconds).toContain(at);
  const one = after.beats.seconds.findIndex((moment: number) => Math.abs(moment - at) < 0.01);
  expect(after.beats.positions[one]).toBe(1);
  await bars.getByRole('button', { name: 'Take it back: where bars begin' }).click();
  await expect(bars.getByText('You said: a bar begins at')).toHaveCount(0);
});

test('one gets from part to part by keyboard', async ({ page, open, api }) => {
  const trackId = await heard(api, longSong(), 'A longer song');
  const { sections } = await api.get(`/api/v1/tracks/${trackId}/analysis`);
  expect(sections.length).toBeGreaterThan(1);
  await open(`/tracks/${trackId}`);
  await expect(page.getByRole('tab', { name: 'Parts' })).toBeVisible();
  await expect.poll(() => drawn(page)).toBeGreaterThan(3);
  await picture(page, 'track');
  await position(page).press('Home');
  await position(page).press('PageUp');
  await expect.poll(() => seconds(page)).toBe(Math.round(sections[1].startSeconds));
  await expect(position(page)).toHaveAttribute('aria-valuetext', new RegExp(`part ${sections[1].label}`));
  const parts = page.getByRole('tabpanel', { name: 'Parts' });
  await parts
    .getByRole('button', { name: new RegExp(`^Part ${sections[0].label}`) })
    .first()
    .press('Enter');
  await expect.poll(() => seconds(page)).toBe(Math.round(sections[0].startSeconds));
  await parts
    .getByRole('button', { name: `Loop part ${sections[1].label}` })
    .first()
    .click();
  await expect.poll(() => seconds(page)).toBe(Math.round(sections[1].startSeconds));
  await page.getByRole('tab', { name: 'Chords' }).click();
  await page.getByRole('tabpanel', { name: 'Chords' }).getByRole('button').nth(3).click();
  await axe(page);
});

test('stems are kept, mixed and found to be the whole song', async ({ page, open, studio }) => {
  await open(`/tracks/${studio.shortTrackId}`, studio);
  const stems = page.getByRole('region', { name: 'Its stems' });
  await expect(stems.getByText('the stems add up to your song exactly')).toBeVisible();
  await expect(stems.getByText(/Licence of its weights: \S/).first()).toBeVisible();
  for (const [format, name] of [
    ['flac', 'FLAC'],
    ['wav', 'WAV'],
    ['mp3', 'MP3'],
  ] as const) {
    await stems.getByLabel('Format of downloads').selectOption(format);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      stems.getByRole('button', { name: `Download Drums as ${name}` }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(new RegExp(`\\.${format}$`));
  }
  const [zip] = await Promise.all([
    page.waitForEvent('download'),
    stems.getByRole('button', { name: 'All as a zip' }).click(),
  ]);
  expect(zip.suggestedFilename()).toMatch(/\.zip$/);

  await stems.getByRole('button', { name: 'Add to mix: Vocals' }).click();
  await expect(stems.getByRole('button', { name: 'In mix: Vocals' })).toBeDisabled();
  const fits = page.getByRole('region', { name: 'What goes with it' });
  await fits.getByRole('button', { name: 'Mix them: this song and Machine Wars' }).click();
  await expect(page).toHaveURL(/\/mix$/);
  await expect(page.getByRole('region', { name: 'Machine Wars' })).toBeVisible();
});

test('a song is renamed where its title stands', async ({ page, open, api }) => {
  const trackId = await api.bring(otherSong(), { title: 'Machine Wars', process: false });
  await open(`/tracks/${trackId}`);
  await page.getByRole('button', { name: 'Rename the song' }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('War of the machines');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'War of the machines' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Rename the song' })).toBeFocused();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'War of the machines' })).toBeVisible();
});

test('a song is taken apart and listened to while one looks on', async ({ page, open, api }) => {
  test.setTimeout(240_000);
  const trackId = await api.bring(otherSong(), { title: 'Machine Wars', process: false });
  await open(`/tracks/${trackId}`);
  await expect(page.getByText('Nobody has listened to this song yet')).toBeVisible();
  await page.getByRole('button', { name: 'Listen to it' }).click();
  await expect(page.getByText('Nobody has listened to this song yet')).toBeHidden();
  await page.getByRole('button', { name: 'Take it apart' }).click();
  const dialog = page.getByRole('dialog', { name: 'Take the song apart' });
  await dialog.getByRole('radio', { name: /^Draft/ }).check();
  await expect(dialog.getByText(/Licence of the weights: \S/).first()).toBeVisible();
  await axe(page);
  await dialog.getByRole('button', { name: 'Take it apart' }).click();
  await expect(page.getByRole('button', { name: 'Download Vocals as FLAC' })).toBeVisible({ timeout: 90_000 });
  await expect(value(finding(page, 'Tempo'))).toContainText('BPM', { timeout: 90_000 });
});

test('its first seconds are heard while the rest is made, and nothing stops when all of it is there', async ({
  page,
  open,
  api,
}) => {
  test.setTimeout(300_000);
  const trackId = await api.bring(longSong(), { title: 'A minute of machines', process: false });
  await api.checked(trackId);
  await api.post('/api/v1/separations', { trackId });
  await open(`/tracks/${trackId}`);
  await expect(page.getByText(/^The first \d:\d\d can be heard already/)).toBeVisible({ timeout: 90_000 });
  await page.getByRole('button', { name: 'Its stems, as far as they are made' }).click();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await expect.poll(() => loudness(page), { timeout: 60_000 }).toBeGreaterThan(0);
  await expect(page.getByText('Taking the song apart', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Its stems', exact: true })).toBeVisible({ timeout: 240_000 });
  // It may have got to the end of what was there meanwhile, and waited; now it goes on, to where nothing had been made.
  await page.getByRole('button', { name: 'Pause' }).click();
  await position(page).press('End');
  await position(page).press('ArrowLeft');
  await position(page).press('ArrowLeft');
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await expect.poll(() => loudness(page)).toBeGreaterThan(0);
  expect(await seconds(page)).toBeGreaterThan(48);
});

test('a song that is not there says so', async ({ page, open }) => {
  await open('/tracks/00000000-0000-4000-8000-000000000000');
  await expect(page.getByRole('heading', { name: 'This song is not here' })).toBeVisible();
  await page.getByRole('link', { name: 'To your library' }).click();
  await expect(page).toHaveURL(/\/library$/);
});

test('the page fits a phone', async ({ page, open, studio }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(`/tracks/${studio.otherTrackId}`, studio);
  await expect(page.getByRole('heading', { level: 1, name: 'Machine Wars' })).toBeVisible();
  await expect.poll(() => drawn(page)).toBeGreaterThan(3);
  await expect(page.getByRole('region', { name: 'What goes with it' })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
    0,
  );
  await picture(page, 'track-phone');
  await axe(page);
  await finding(page, 'Key').getByRole('button', { name: 'Choose the key' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
    0,
  );
});
