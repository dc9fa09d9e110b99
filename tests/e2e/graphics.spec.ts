import { existsSync } from 'node:fs';
import type { ElectronApplication, Page } from '@playwright/test';
import { decode } from 'fast-png';
import { expect, test } from './fixtures.ts';
import { open } from './viewer-page.ts';

const graphicsPid = (application: ElectronApplication): Promise<number> =>
  application.evaluate(({ app }) => app.getAppMetrics().find(({ type }) => type === 'GPU')?.pid ?? 0);

/** Share of the pixels in the middle of the axial plane that are not nearly black: the head fills it. 0 while there is no plane. */
async function drawnShare(page: Page): Promise<number> {
  const box = await page.getByTestId('plane-axial').boundingBox();
  if (box === null) return 0;
  const { x, y, width, height } = box;
  const clip = { x: x + width / 2 - 80, y: y + height / 2 - 80, width: 160, height: 160 };
  const { data, channels } = decode(await page.screenshot({ clip }));
  const grey = [...data].filter((_, at) => at % channels === 0);
  return grey.filter((value) => value > 40).length / grey.length;
}

test('a graphics process that ends takes no image along', async ({ launch }) => {
  const running = await launch();
  const page = await open(running);
  const first = (await page.getByTestId('slice-axial').textContent()) ?? '';
  await page.getByTestId('plane-axial').hover();
  await page.mouse.wheel(0, 120);
  await expect(page.getByTestId('slice-axial')).not.toHaveText(first);
  await expect.poll(() => drawnShare(page)).toBeGreaterThan(0.7);
  const slice = await page.getByTestId('slice-axial').textContent();
  const before = await graphicsPid(running.application);
  process.kill(before, 'SIGKILL');
  await expect.poll(() => graphicsPid(running.application)).not.toBe(before);
  await expect.poll(() => drawnShare(page), { timeout: 20_000 }).toBeGreaterThan(0.7);
  expect(await page.getByTestId('slice-axial').textContent()).toBe(slice);
  await page.mouse.wheel(0, -120);
  await expect(page.getByTestId('slice-axial')).not.toHaveText(slice ?? '');
  await expect.poll(() => drawnShare(page)).toBeGreaterThan(0.7);
});

test('a window that is given no frames any more draws again', async ({ launch }) => {
  test.skip(
    process.platform !== 'linux' || existsSync('/dev/dri'),
    'only where a page is drawn without a graphics card',
  );
  const running = await launch();
  const page = await open(running);
  const frame = (): Promise<boolean> =>
    page.evaluate(() =>
      Promise.race([
        new Promise<boolean>((resolve) => requestAnimationFrame(() => resolve(true))),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 500)),
      ]),
    );
  await expect.poll(frame).toBe(true);
  process.kill(await graphicsPid(running.application), 'SIGSTOP');
  await expect.poll(frame).toBe(false);
  await expect.poll(frame, { timeout: 20_000 }).toBe(true);
  await expect.poll(() => drawnShare(page), { timeout: 20_000 }).toBeGreaterThan(0.7);
});
