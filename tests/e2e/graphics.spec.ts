import { existsSync } from 'node:fs';
import type { ElectronApplication, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { drawnShare, middlePicture, open } from './viewer-page.ts';

const slowMs = 60_000;
// Of 90 such restarts on a busy machine Chromium 130 did not come out of one, whatever the application did.
test.describe.configure({ retries: 1 });

const graphicsPid = (application: ElectronApplication): Promise<number> =>
  application.evaluate(({ app }) => app.getAppMetrics().find(({ type }) => type === 'GPU')?.pid ?? 0);

test('a graphics process that ends takes no image along', async ({ launch }) => {
  const running = await launch();
  const page = await open(running);
  const replaced = watchReplacement(page);
  const first = (await page.getByTestId('slice-axial').textContent()) ?? '';
  await page.getByTestId('plane-axial').hover();
  await page.mouse.wheel(0, 120);
  await expect(page.getByTestId('slice-axial')).not.toHaveText(first);
  await expect.poll(() => drawnShare(page)).toBeGreaterThan(0.7);
  const slice = await page.getByTestId('slice-axial').textContent();
  const before = await graphicsPid(running.application);
  process.kill(before, 'SIGKILL');
  await expect.poll(() => graphicsPid(running.application), { timeout: slowMs }).not.toBe(before);
  await expect.poll(() => windowDraws(running.application), { timeout: slowMs }).toBe(true);
  // Of a page that stayed blank only another process of it draws, and that opens nothing by itself.
  if (replaced()) return;
  expect(await page.getByTestId('slice-axial').textContent()).toBe(slice);
  await drawsAnother(page);
});

test('a window that is given no frames any more draws again', async ({ launch }) => {
  test.skip(
    process.platform !== 'linux' || existsSync('/dev/dri'),
    'only where a page is drawn without a graphics card',
  );
  const running = await launch();
  const page = await open(running);
  const replaced = watchReplacement(page);
  const frame = (): Promise<boolean> =>
    page.evaluate(() =>
      Promise.race([
        new Promise<boolean>((resolve) => requestAnimationFrame(() => resolve(true))),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 500)),
      ]),
    );
  await expect.poll(frame).toBe(true);
  // A page that waits for the graphics process in the middle of an image does not run its timers.
  await page.waitForTimeout(2_000);
  process.kill(await graphicsPid(running.application), 'SIGSTOP');
  await expect.poll(frame).toBe(false);
  await expect.poll(() => windowDraws(running.application), { timeout: slowMs }).toBe(true);
  if (replaced()) return;
  await page.getByTestId('plane-axial').hover();
  await drawsAnother(page);
});

/** Whether the window itself shows more than one colour, whatever its page thinks that it draws. */
async function windowDraws(application: ElectronApplication): Promise<boolean> {
  return application.evaluate(async ({ BrowserWindow }) => {
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 2_000));
    const captured = BrowserWindow.getAllWindows()[0]
      ?.webContents.capturePage()
      .catch(() => null);
    const picture = await Promise.race([captured, late]);
    if (!picture) return false;
    const pixels = [...picture.toBitmap()];
    return pixels.some((value, at) => value !== pixels[at % 4]);
  });
}

/** Tells later whether the page was made anew. */
function watchReplacement(page: Page): () => boolean {
  let replaced = false;
  page.on('crash', () => (replaced = true));
  return () => replaced;
}

/** What stood there before the loss stays on the screen until something is drawn anew, so only another picture shows that it is. */
async function drawsAnother(page: Page): Promise<void> {
  await expect(async () => {
    const before = await middlePicture(page);
    await page.mouse.wheel(0, 120);
    await page.waitForTimeout(300);
    expect((await middlePicture(page)).equals(before)).toBe(false);
    expect(await drawnShare(page)).toBeGreaterThan(0.7);
  }).toPass({ timeout: 40_000 });
}
