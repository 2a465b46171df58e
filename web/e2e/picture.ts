import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';

const PLACE = fileURLToPath(new URL('../../docs/screenshots', import.meta.url));

/** Writes `docs/screenshots/<step>.png` of what the window shows, when the environment has PUREMUSIC_SCREENSHOTS. */
export async function picture(page: Page, step: string, { dark = false } = {}): Promise<void> {
  if (!process.env.PUREMUSIC_SCREENSHOTS) return;
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
  await page.screenshot({ path: `${PLACE}/${step}.png`, animations: 'disabled', caret: 'hide' });
}
