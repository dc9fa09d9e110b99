import { existsSync } from 'node:fs';
import type { ElectronApplication } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { drawnShare, open } from './viewer-page.ts';

const graphicsPid = (application: ElectronApplication): Promise<number> =>
  application.evaluate(({ app }) => app.getAppMetrics().find(({ type }) => type === 'GPU')?.pid ?? 0);

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
