import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { defaultTiling } from '../../preload/slides.ts';
import { svs } from './corpus-slide.ts';
import { answerDialogs } from './dialogs.ts';
import { call, expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 240_000;
const perClass = 10;

test('patches of a slide and images of a colour model are reviewed blind: chosen, read in colour, told by slide', async ({
  home,
  launch,
}) => {
  test.skip(!existsSync(svs), 'the corpus is not here');
  test.setTimeout(900_000);
  const { application, page } = await launch();
  await answerDialogs(application, svs);
  const { slides } = await call(page, 'studies.choose', { kind: 'files' });
  const out = join(home, 'patches');
  await answerDialogs(application, out);
  const tiling = { ...defaultTiling, size: 128, micronsPerPixel: 0.5 };
  const { result: tiled } = await call(page, 'slides.chooseTiling', { slideIds: [slides[0]?.id ?? ''], tiling });
  await generate(page);

  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Review' }).click();
  const form = page.getByRole('form', { name: 'New blind review' });
  await expect(form.getByText('128 × 128 px · colour')).toBeVisible({ timeout: slowMs });
  // The first series and the first run stand there already: a grey head against colour cannot be told apart blindly.
  await form.getByRole('button', { name: /^Take MR/ }).click();
  await form.getByLabel('Real images: add').selectOption({ label: 'Tiles of CMU-1-Small-Region.svs' });
  const described = `${tiled?.patches} patches of 1 slide · 128 × 128 px · 0.5 µm per pixel · colour`;
  await expect(form.getByText(described)).toBeVisible({ timeout: slowMs });
  await form.getByRole('button', { name: /^Take Tiles of/ }).click();
  await form.getByRole('button', { name: 'Real images: choose a folder' }).click();
  await expect(form.getByText(described)).toBeVisible({ timeout: slowMs });
  await expect(form.getByLabel('About both sets')).toContainText('nuclei of another size');
  await form.getByLabel('Title').fill('Lung patches');
  await setNumber(form, 'Cases per class', perClass);
  await setNumber(form, 'Seed of the order', 5);
  await form.getByText('More of the design').click();
  await expect(form.getByLabel('zoom and pan')).toBeChecked();
  await expect(form.getByLabel('change the window')).toHaveCount(0);
  await form.getByLabel('Stains').selectOption('reinhard');
  await keepScreen(page, 'review-patches-design');
  await form.getByRole('button', { name: 'Begin reading' }).click();

  const reading = page.getByRole('dialog', { name: 'Blind reading' });
  for (let position = 1; position <= 2 * perClass; position++) {
    await expect(reading).toContainText(`Case ${position} of ${2 * perClass}`, { timeout: slowMs });
    await expect(reading.getByRole('button', { name: /^Real/ })).toBeEnabled({ timeout: slowMs });
    const frame = reading.getByRole('group', { name: 'The image to judge' });
    expect(await meanSaturation(frame.locator('img'))).toBeGreaterThan(8);
    if (position === 2) await keepScreen(page, 'review-patches-reading');
    if (position === 3) await zoomsAndWindowsNot(page, frame);
    await page.keyboard.press(position % 2 === 1 ? 'r' : 's');
    await page.keyboard.press('3');
    await page.keyboard.press('Enter');
  }

  const result = page.getByRole('article', { name: 'Review result' });
  await expect(result).toBeVisible({ timeout: slowMs });
  await expect(result.getByText(/brought to one reference \(Reinhard\)/)).toBeVisible();
  await expect(result.getByText(/squares of JPEG/).first()).toBeVisible();
  await keepScreen(page, 'review-patches-result');
  const cases = result.getByLabel('Cases', { exact: true });
  await expect(cases.getByText(/CMU-1-Small-Region, patch at \d+, \d+/)).toHaveCount(perClass);
  await expect(cases.getByText(/Image \d+, seed \d+/)).toHaveCount(perClass);
  await cases.scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  await keepScreen(page, 'review-patches-cases');

  const file = join(home, 'result.csv');
  await answerDialogs(application, file);
  await result.getByRole('button', { name: 'Export as CSV' }).click();
  await expect.poll(() => existsSync(file), { timeout: slowMs }).toBe(true);
  const rows = (await readFile(file, 'utf8')).split('\r\n');
  expect(rows.filter((row) => row.includes(',CMU-1-Small-Region,'))).toHaveLength(perClass);
});

async function generate(page: Page): Promise<void> {
  const { runId } = await call(page, 'runs.generate', {
    modelId: 'histology-wdm-128',
    count: perClass + 2,
    seed: 1,
    classId: 'lung_aca',
    guidance: 1.5,
    sampler: 'dpmpp-2m',
    steps: 12,
    provider: 'cpu',
    source: null,
  });
  const state = async () => (await call(page, 'runs.show', { runId })).state;
  await expect.poll(state, { timeout: slowMs, intervals: [500] }).toBe('done');
}

async function setNumber(form: Locator, label: string, value: number): Promise<void> {
  await form.getByLabel(label, { exact: true }).fill(String(value));
  await form.getByLabel(label, { exact: true }).press('Tab');
}

/** Mean difference of the largest and the smallest channel; 0 of a grey image. */
function meanSaturation(image: Locator): Promise<number> {
  return image.evaluate((element: HTMLImageElement) => {
    const canvas = new OffscreenCanvas(element.naturalWidth, element.naturalHeight);
    const context = canvas.getContext('2d')!;
    context.drawImage(element, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) {
      const channels = [data[i]!, data[i + 1]!, data[i + 2]!];
      sum += Math.max(...channels) - Math.min(...channels);
    }
    return (4 * sum) / data.length;
  });
}

async function zoomsAndWindowsNot(page: Page, frame: Locator): Promise<void> {
  const box = (await frame.boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const surface = frame.getByRole('presentation');
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -300);
  await expect(surface).toHaveAttribute('style', /scale\(1\.15\)/);
  await page.mouse.down({ button: 'right' });
  await page.mouse.move(x + 120, y + 60, { steps: 3 });
  await page.mouse.up({ button: 'right' });
  await expect(surface).toHaveAttribute('style', /brightness\(1\) contrast\(1\)/);
}
