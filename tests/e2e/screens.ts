import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

/**
 * Keeps a picture of a screen in tests/e2e/screens/, only when asked for with VERISIM_SCREENS=1: the pictures in the
 * repository are refreshed on purpose, after someone looked at them.
 */
export async function keepScreen(page: Page, name: string): Promise<void> {
  if (process.env.VERISIM_SCREENS !== '1') return;
  const folder = join(import.meta.dirname, 'screens');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
