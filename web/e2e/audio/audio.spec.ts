import { readFile } from 'node:fs/promises';
import { test as base, type CDPSession, expect } from '@playwright/test';
import type { bench as benchOfPage } from './bench/bench';
import { type BenchServer, startBench } from './bench_server';

declare global {
  interface Window {
    bench: typeof benchOfPage;
  }
}

const test = base.extend<object, { server: BenchServer }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what is needed from it
    async ({}, use) => {
      const server = await startBench();
      await use(server);
      await server.close();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  page: async ({ page, server }, use) => {
    const troubles: string[] = [];
    page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    await page.goto(server.url);
    await page.waitForFunction(() => window.bench !== undefined);
    await use(page);
    // Above all: nothing that the Content-Security-Policy refuses.
    expect(troubles.filter((trouble) => !trouble.includes('503'))).toEqual([]);
  },
});

test.describe.configure({ timeout: 120_000 });

/** Hertz, and how many cents a tone of this frequency may be off when it is played slower. */
const LARGEST_ERRORS = [
  [55, 15],
  [110, 8],
  [220, 6],
  [440, 2],
  [1760, 2],
] as const;

test.describe('what is read', () => {
  for (const name of ['drums', 'vocals', 'pieces', 'mono']) {
    test(`${name} is read sample for sample as libsndfile decodes it, over the borders of pieces`, async ({ page }) => {
      expect(await page.evaluate((name) => window.bench.readingError(name, 50_001), name)).toBe(0);
    });
  }

  test('whole pieces are the same samples as any other part', async ({ page }) => {
    expect(await page.evaluate(() => window.bench.readingError('pieces', 2 ** 17))).toBe(0);
  });

  test('what was stored more softly is as loud as it was', async ({ page }) => {
    expect(await page.evaluate(() => window.bench.readingError('drums', 50_001, 2))).toBe(0);
  });
});

test.describe('the mix', () => {
  const stems = ['vocals', 'drums', 'bass', 'other'];

  test('stems as they are add up to what the graph renders', async ({ page }) => {
    const voices = stems.map((name) => ({ name }));
    const { error } = await page.evaluate((voices) => window.bench.mixError(voices, 0, 268_288), voices);
    expect(error).toBeLessThan(-130);
  });

  test('so they do with gains and places, from the middle of a piece on', async ({ page }) => {
    const voices = [
      { name: 'vocals', gainDb: 3.5, pan: -0.4 },
      { name: 'drums', gainDb: -7, pan: 0.75 },
      { name: 'bass', gainDb: -60, pan: 1 },
      { name: 'other', gainDb: 12, pan: -1 },
    ];
    const { error } = await page.evaluate((voices) => window.bench.mixError(voices, 100_003, 150_000), voices);
    expect(error).toBeLessThan(-80);
  });

  test('what is muted is not heard, and where something is soloed nothing else is', async ({ page }) => {
    const mixed = (voices: Parameters<Window['bench']['mixError']>[0]) =>
      page.evaluate((voices) => window.bench.mixError(voices, 0, 200_000), voices);
    const muted = await mixed(stems.map((name) => ({ name, mute: name === 'drums' })));
    const soloed = await mixed(stems.map((name) => ({ name, solo: name === 'bass', mute: name === 'vocals' })));
    expect(Math.max(muted.error, soloed.error)).toBeLessThan(-130);
    const silent = await mixed(stems.map((name) => ({ name, mute: true })));
    expect(silent.level).toBe(Number.NEGATIVE_INFINITY);
  });
});

test.describe('the clock', () => {
  test('a loop repeats its samples without a break', async ({ page }) => {
    const error = await page.evaluate(() => window.bench.loopError('pieces', 100_000, 120_001, 300_007, 900_000));
    // Half a step of 24 bits.
    expect(error).toBeLessThan(2 ** -24);
    // Shorter than a tenth of a second, and across the border of two pieces.
    expect(
      await page.evaluate(() => window.bench.loopError('pieces', 131_000, 130_900, 133_333, 100_000)),
    ).toBeLessThan(2 ** -24);
  });

  test('for five minutes a sound and its opposite, from files of other blocks, are silence', async ({ page }) => {
    const { sum, one } = await page.evaluate(() => window.bench.together('long', 'opposite'));
    expect(one).toBeGreaterThan(0.1);
    expect(sum).toBe(0);
  });

  test('voices of other rates stay together to a twentieth of a sample for five minutes', async ({ page }) => {
    const found = await page.evaluate(() => window.bench.lags('chord-44100', 'chord-48000', [1, 60, 150, 240, 295]));
    for (const { lag, likeness } of found) {
      expect(Math.abs(lag)).toBeLessThan(0.05);
      expect(likeness).toBeGreaterThan(0.999);
    }
  });
});

test.describe('slower', () => {
  for (const speed of [0.5, 0.75, 0.9]) {
    test(`at ${speed * 100} % the pitch stays`, async ({ page }) => {
      // A semitone is 100 cents; low tones are the hardest to tell apart, for the ear as well.
      for (const [frequency, cents] of LARGEST_ERRORS) {
        const tone = await page.evaluate(([speed, frequency]) => window.bench.toneAt(speed, frequency), [
          speed,
          frequency,
        ] as const);
        expect(Math.abs(1200 * Math.log2(tone.frequency / frequency)), `${frequency} Hz`).toBeLessThan(cents);
        expect(Math.abs(tone.change), `level at ${frequency} Hz, dB`).toBeLessThan(1);
      }
    });

    test(`at ${speed * 100} % everything takes so much longer`, async ({ page }) => {
      const times = await page.evaluate((speed) => window.bench.burstsAt(speed), speed);
      const gaps = times.slice(1).map((time, i) => time - (times[i] as number));
      for (const gap of gaps) expect(Math.abs(gap - 1 / speed)).toBeLessThan(0.02);
      const whole = (times.at(-1) as number) - (times[0] as number);
      expect(Math.abs(whole - 7 / speed)).toBeLessThan(0.02);
    });
  }

  test('at full speed nothing is corrected, and nothing comes late', async ({ page }) => {
    const times = await page.evaluate(() => window.bench.burstsAt(1));
    times.forEach((time, second) => {
      expect(Math.abs(time - second - 0.5)).toBeLessThan(0.0005);
    });
  });
});

test.describe('the player, as it is heard', () => {
  test('it plays the samples of the song, and a loop that is set meanwhile, without one wrong', async ({ page }) => {
    const { error, compared } = await page.evaluate(() => window.bench.liveLoopError('pieces', 0.5, 3.7, 3));
    expect(compared).toBeGreaterThan(8 * 44_100);
    expect(error).toBeLessThan(1e-6);
  });

  test('nothing that a hand does makes a click', async ({ page }) => {
    const { largest, positions } = await page.evaluate(() => window.bench.liveSteps());
    // A tone of 440 Hz, 6 dB up, rises by 0.05 from sample to sample; what begins or ends too fast would rise by 0.8.
    expect(largest).toBeLessThan(0.12);
    expect(positions[5]).toBeCloseTo(6, 1);
    expect(positions[6]).toBeCloseTo(6.3, 0);
  });

  test('slower, the position goes slower and the pitch stays', async ({ page }) => {
    const { advanced, seconds, frequency } = await page.evaluate(() => window.bench.liveSpeed(0.75));
    expect(advanced / seconds).toBeCloseTo(0.75, 1);
    expect(Math.abs(1200 * Math.log2(frequency / 440))).toBeLessThan(5);
  });

  test('where sound is missing all wait, and go on together from there', async ({ page, server }) => {
    server.breakSoundsAfter(1_500_000);
    const at = await page.evaluate(() => window.bench.playUntilItWaits('pieces'));
    expect(at).toBeGreaterThan(2);
    server.breakSoundsAfter(undefined);
    const [again, later] = await page.evaluate(() => window.bench.playOn());
    // It plays before the page looks. What is skipped would be a piece of 3 s; what is played twice would be negative.
    expect(again - at).toBeGreaterThan(-0.05);
    expect(again - at).toBeLessThan(1);
    expect(later - again).toBeCloseTo(1, 0);
  });
});

test('eight stems of five minutes stay under 400 MB in the tab', async ({ page, browser }) => {
  const cdp = await browser.newBrowserCDPSession();
  const before = await rendererMegabytes(cdp);
  await page.evaluate(() => window.bench.playEight());
  const after = await rendererMegabytes(cdp);
  test.info().annotations.push({ type: 'memory', description: `${before} MB before, ${after} MB with eight stems` });
  expect(after).toBeLessThan(400);
});

/** What the fullest process that draws pages holds in memory. */
async function rendererMegabytes(cdp: CDPSession): Promise<number> {
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  const sizes = await Promise.all(
    processInfo
      .filter((process) => process.type === 'renderer')
      .map(async ({ id }) => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0)),
  );
  return Math.round(Math.max(...sizes) / 1000);
}
