import type { Locator, Page } from '@playwright/test';

/** The row of the n-th song of the whole list, if it is in the page. */
export const songAt = (page: Page, at: number): Locator => page.locator(`li[aria-posinset="${at}"]`);

/** Turns the wheel by a screen again and again until something is there. */
export async function wheelTo(page: Page, target: Locator): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  await page.mouse.move(width / 2, height / 2);
  while ((await target.count()) === 0) await page.mouse.wheel(0, height);
}
