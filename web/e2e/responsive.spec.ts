import type { Locator, Page } from '@playwright/test';
import { expect, MANY, test } from './fixtures';
import { songAt, wheelTo } from './scrolling';

// What is measured is not recorded: a trace's copies of the page take longer than what the page does itself.
test.use({ trace: 'off' });
test.describe.configure({ timeout: 180_000 });

test(`${MANY} songs scroll smoothly`, async ({ page, open, collector }) => {
  await open('/library?order=title', collector);
  await expect(page.getByText(`${MANY} songs`, { exact: true })).toBeVisible();
  const frames = await framesOf(page, () => wheelTo(page, songAt(page, MANY)));
  tell('frames while scrolling', frames);
  // 17 and 33 on a machine that does nothing else. Two cores that do other things lose frames, so one slow frame means nothing.
  expect(quantile(frames, 0.5)).toBeLessThan(50);
  expect(quantile(frames, 0.95)).toBeLessThan(150);
});

test('the library answers within a tenth of a second on a slow computer', async ({ page, open, collector }) => {
  await open('/library?order=title', collector);
  await expect(page.getByText(`${MANY} songs`, { exact: true })).toBeVisible();
  const song = page.getByRole('article', { name: 'song 0001' });
  await slow(page);
  await expectPrompt(page, {
    'checking a box': async () => {
      for (const at of [1, 2, 3, 1]) await press(page.getByRole('checkbox', { name: `Choose song 000${at}` }));
      await expect(page.getByText('2 songs chosen')).toBeVisible();
    },
    'opening a menu': async () => {
      await press(page.getByRole('button', { name: 'More for song 0001' }));
      await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeVisible();
    },
    'opening a dialog from it': async () => {
      await press(page.getByRole('menuitem', { name: 'Delete' }));
      await expect(page.getByRole('alertdialog')).toBeVisible();
    },
    'closing a dialog': async () => {
      await press(page.getByRole('button', { name: 'Keep it as it is' }));
      await expect(page.getByRole('alertdialog')).toBeHidden();
    },
    'beginning to rename': async () => {
      await song.hover();
      await press(page.getByRole('button', { name: 'Rename song 0001' }));
      await expect(page.getByRole('textbox', { name: 'New title of song 0001' })).toBeFocused();
    },
    'typing a title': async () => {
      await type(page, ' again');
      await page.keyboard.press('Escape');
    },
    'typing in search': async () => {
      await press(page.getByRole('searchbox', { name: 'Search songs' }));
      await type(page, 'song 077');
      await expect(page.getByText('10 songs match')).toBeVisible();
    },
    'looking at fused songs': async () => {
      await press(page.getByRole('tab', { name: 'Fused songs' }));
      await expect(page.getByRole('heading', { name: 'Nothing is fused yet' })).toBeVisible();
    },
    'looking at songs again': async () => {
      await press(page.getByRole('tab', { name: 'Songs', exact: true }));
      await expect(page.getByText(`${MANY} songs`, { exact: true })).toBeVisible();
    },
  });
});

test('the mixer answers within a tenth of a second on a slow computer, while it plays', async ({
  page,
  open,
  studio,
}) => {
  await open('/library', studio);
  for (const title of ['Falcon 69', 'Machine Wars']) {
    await page.getByRole('button', { name: `Add to mix: ${title}` }).click();
  }
  await page.getByRole('link', { name: 'In your mix: Falcon 69' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Level' })).toHaveCount(8);
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await slow(page);
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await expectPrompt(page, {
    'beginning to play': async () => {
      await press(button('Play'));
      await expect(button('Pause')).toBeVisible();
    },
    mute: async () => {
      for (const name of ['Drums', 'Bass', 'Drums']) await press(button(`Mute ${name} of Falcon 69`));
      await expect(button('Mute Bass of Falcon 69')).toHaveAttribute('aria-pressed', 'true');
    },
    solo: async () => {
      for (const name of ['Vocals', 'Drums', 'Vocals']) await press(button(`Solo ${name} of Machine Wars`));
      await expect(button('Solo Drums of Machine Wars')).toHaveAttribute('aria-pressed', 'true');
    },
    'gain by keys': async () => {
      const level = page.getByRole('slider', { name: 'Level of Drums of Falcon 69' });
      await level.focus();
      for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowDown');
      await expect(level).toHaveAttribute('aria-valuenow', '-2');
    },
    'gain by mouse': async () => {
      const level = page.getByRole('slider', { name: 'Level of Other of Falcon 69' });
      const { x, y } = await middle(level);
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x - 40, y, { steps: 8 });
      await page.mouse.up();
      await expect(level).not.toHaveAttribute('aria-valuenow', '0');
    },
    'opening a dialog': async () => {
      await press(button('Add a song'));
      await expect(page.getByRole('dialog', { name: 'Add a song' })).toBeVisible();
    },
    'typing in it': async () => {
      await press(page.getByRole('textbox', { name: 'Title or file name' }).or(page.getByRole('searchbox')));
      await type(page, 'wars');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toBeHidden();
    },
    'naming the mix': async () => {
      await press(page.getByRole('textbox', { name: 'Name of the mix' }));
      await type(page, 'Mine');
    },
  });
});

/** As a computer that is four times slower. */
async function slow(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
}

/**
 * Does one thing after another and expects that three of four interactions show their effect within 100 ms: from when a
 * key or a button is pressed to the frame that follows, as the browser measures it for `Interaction to Next Paint`.
 */
async function expectPrompt(page: Page, deeds: Readonly<Record<string, () => Promise<void>>>): Promise<void> {
  await page.evaluate(() => {
    const slowest = new Map<number, number>();
    const note = (entries: PerformanceEntryList) => {
      for (const { interactionId, duration } of entries as (PerformanceEventTiming & { interactionId: number })[]) {
        if (interactionId) slowest.set(interactionId, Math.max(duration, slowest.get(interactionId) ?? 0));
      }
    };
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    const took = () => {
      note(observer.takeRecords());
      const durations = [...slowest.values()];
      slowest.clear();
      return durations;
    };
    Object.assign(window, { took });
  });
  const all: number[] = [];
  for (const [name, deed] of Object.entries(deeds)) {
    await deed();
    const durations = await page.evaluate(async () => {
      // The browser tells of an interaction once its frame has been shown.
      for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
      return (window as unknown as { took: () => number[] }).took();
    });
    tell(name, durations);
    all.push(...durations);
  }
  tell('all', all);
  expect(all.length, 'interactions that took 16 ms or longer').toBeGreaterThan(0);
  expect(quantile(all, 0.75), 'three of four interactions').toBeLessThan(100);
}

/** Presses with the mouse and nothing around it: Playwright's own checks would be measured with it. */
async function press(target: Locator): Promise<void> {
  await target.scrollIntoViewIfNeeded();
  const { x, y } = await middle(target);
  await target.page().mouse.click(x, y);
}

async function middle(target: Locator): Promise<{ x: number; y: number }> {
  const box = await target.boundingBox();
  if (!box) throw new Error(`${target} is not to be seen`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Types as fast as people who type fast. */
async function type(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text, { delay: 80 });
}

/** How long the frames took that are shown while something is done, milliseconds. */
async function framesOf(page: Page, deed: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const times: number[] = [];
    let before = performance.now();
    const next = (now: number) => {
      times.push(now - before);
      before = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    Object.assign(window, { frameTimes: times });
  });
  await deed();
  return page.evaluate(() => (window as unknown as { frameTimes: number[] }).frameTimes);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}

/** Prints figures, as a bench does. */
function tell(what: string, values: readonly number[]): void {
  const [half, three, most, all] = [0.5, 0.75, 0.95, 1].map((share) => quantile(values, share).toFixed(0));
  process.stdout.write(
    `${what}: ${values.length}; within ${half} ms half of them, ${three} ms 75 %, ${most} ms 95 %, ${all} ms all\n`,
  );
}
