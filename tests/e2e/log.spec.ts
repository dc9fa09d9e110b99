import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { openLog } from '../../main/log/log.ts';
import { fillLog } from '../../scripts/log/fill-log.ts';
import { answerDialogs } from './dialogs.ts';
import { call, expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 120_000;

test('runs are found, marked, compared, traced, repeated over a grid, and carried to another machine', async ({
  home,
  launch,
}) => {
  test.setTimeout(600_000);
  const { application, page } = await launch();
  await expect(page.getByTestId('slice-axial')).toContainText('/ 181', { timeout: slowMs });
  const { series } = await call(page, 'studies.list', {});
  const source = { seriesId: series[0]!.id, sliceIndices: [90], strength: 0.5 };
  const first = await generate(page, { seed: 11, source });
  const second = await generate(page, { seed: 12, steps: 3, source });
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Runs' }).click();
  const table = page.getByRole('table', { name: 'Runs' });
  const row = (id: string) => table.locator(`tr[data-run="${id}"]`);
  await expect(row(first)).toBeVisible({ timeout: slowMs });

  // Star, tag, note; then found by them.
  await row(first).click();
  const details = page.getByLabel('Run details');
  await details.getByRole('button', { name: 'Star this run' }).click();
  await details.getByLabel('Add a tag').fill('pilot study');
  await details.getByLabel('Add a tag').press('Enter');
  await details.getByLabel('Note', { exact: true }).fill('Ventricles look right');
  await details.getByLabel('Note', { exact: true }).blur();
  await expect(row(first)).toContainText('pilot-study');
  const filter = page.getByLabel('Filter runs');
  await filter.fill('ventricles tag=pilot-study is:starred');
  await expect(row(second)).toHaveCount(0);
  await expect(row(first)).toBeVisible();
  await filter.fill('(steps');
  await expect(page.getByText(/cannot be read at character 1/)).toBeVisible();
  await filter.fill('steps=3');
  await expect(row(first)).toHaveCount(0);
  await expect(row(second)).toBeVisible();
  await filter.fill('');
  await expect(row(first)).toBeVisible();
  await table.getByRole('button', { name: 'Seed' }).click();
  await expect(table.getByRole('columnheader', { name: 'Seed' })).toHaveAttribute('aria-sort', 'descending');
  await expect(table.locator('tr[data-place="0"]')).toHaveAttribute('data-run', second);

  // Beside each other.
  await row(first).click();
  await row(second).click({ modifiers: ['Control'] });
  await page.getByRole('button', { name: 'Compare 2' }).click();
  const comparison = page.getByRole('dialog', { name: 'Compare 2 runs' });
  await expect(comparison.getByRole('row', { name: /^steps/ })).toContainText('2');
  await expect(comparison.getByLabel('Images beside each other').locator('canvas')).toHaveCount(2);
  await keepScreen(page, 'runs-compare');
  await page.keyboard.press('Escape');

  // Lineage, from the slice to the image.
  await row(first).click();
  await details.getByRole('option').first().click();
  await details.getByRole('button', { name: 'Where image 1 comes from' }).click();
  const lineage = page.getByRole('dialog', { name: 'Lineage' });
  await expect(lineage.getByRole('button', { name: /Source.*Slice 91/ })).toBeVisible();
  await expect(lineage.getByRole('button', { name: /Synthetic image.*Image 1/ })).toBeVisible();
  await keepScreen(page, 'runs-lineage');
  await page.keyboard.press('Escape');

  // A grid while the queue stands still; its order is changed.
  await call(page, 'queue.pause', { paused: true });
  await details.getByRole('button', { name: 'Grid…' }).click();
  const grid = page.getByRole('dialog', { name: 'Grid of parameters' });
  await grid.getByLabel('Steps').fill('2, 4');
  await grid.getByLabel('Seeds').fill('21..22');
  await grid.getByLabel('Tag').fill('sweep');
  await expect(grid.getByRole('status')).toHaveText('4 runs');
  await keepScreen(page, 'runs-grid');
  await grid.getByRole('button', { name: 'Queue 4 runs' }).click();
  const queue = page.getByLabel('Queue', { exact: true });
  await expect(queue).toContainText('4 runs waiting', { timeout: slowMs });
  await expect(page.getByLabel('Filter runs')).toHaveValue('tag=sweep');
  await queue.getByRole('button', { name: 'Change the order' }).click();
  const before = (await call(page, 'queue.state', {})).waiting;
  await queue
    .locator('li')
    .nth(3)
    .getByRole('button', { name: /^Put .* first$/ })
    .click();
  await expect.poll(async () => (await call(page, 'queue.state', {})).waiting[0]).toBe(before[3]);
  await queue
    .locator('li')
    .nth(3)
    .getByRole('button', { name: /^Cancel/ })
    .click();
  await expect(queue).toContainText('3 runs waiting');
  await keepScreen(page, 'runs-queue');
  await queue.getByRole('button', { name: 'Go on' }).click();
  await expect(table.getByText('Done')).toHaveCount(3, { timeout: slowMs });

  // With changes.
  await filter.fill('');
  await row(first).click();
  await details.getByRole('button', { name: 'Run again with changes' }).click();
  await expect(page.getByRole('heading', { name: 'Create' })).toBeVisible();
  await expect(page.getByLabel('Seed', { exact: true })).toHaveValue('11');
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Runs' }).click();

  // Out of the application, and into another one.
  const csv = join(home, 'log.csv');
  const project = join(home, 'project');
  await row(first).click();
  await page.getByRole('button', { name: 'Log…' }).click();
  const keeping = page.getByRole('dialog', { name: 'The log and its files' });
  await answerDialogs(application, csv);
  await keeping.getByRole('button', { name: 'CSV table…' }).click();
  await expect(keeping.getByText(/6 runs were written/)).toBeVisible({ timeout: slowMs });
  expect(readFileSync(csv, 'utf8').split('\r\n')[0]).toContain('parameter.source.strength');
  await answerDialogs(application, project);
  await keeping.getByRole('button', { name: 'Archive 1 chosen run…' }).click();
  await expect(keeping.getByText(/1 runs? archived in/)).toBeVisible({ timeout: slowMs });
  await keeping.getByRole('button', { name: 'Copy now' }).click();
  await expect(keeping.getByText(/was copied to/)).toBeVisible({ timeout: slowMs });
  await keepScreen(page, 'runs-log');
  await page.keyboard.press('Escape');

  // A file that is gone is found, and made again.
  const image = join(home, 'runs', first, '0001.png');
  const bytes = readFileSync(image);
  rmSync(image);
  await page.getByRole('button', { name: 'Log…' }).click();
  await keeping.getByRole('button', { name: 'Look for missing files' }).click();
  await page.keyboard.press('Escape');
  const notice = page.getByRole('alert', { name: 'The log and its files do not fit together' });
  await expect(notice).toContainText('1 image of 1 run is gone');
  await notice.getByRole('button', { name: 'Make the images again' }).click();
  await expect.poll(() => existsSync(image), { timeout: slowMs }).toBe(true);
  expect(readFileSync(image).equals(bytes)).toBe(true);
  await application.close();

  const elsewhere = await launch(join(home, 'elsewhere'));
  await elsewhere.page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Runs' }).click();
  await elsewhere.page.getByRole('button', { name: 'Log…' }).click();
  await answerDialogs(elsewhere.application, project);
  await elsewhere.page.getByRole('button', { name: 'Open a project…' }).click();
  await expect(elsewhere.page.getByText(/1 runs? added from/)).toBeVisible({ timeout: slowMs });
  await elsewhere.page.keyboard.press('Escape');
  await elsewhere.page.locator(`tr[data-run="${first}"]`).click();
  await expect(elsewhere.page.getByLabel('Run details').getByLabel('Note', { exact: true })).toHaveValue(
    'Ventricles look right',
  );
  expect(readdirSync(join(home, 'elsewhere', 'runs', first))).toContain('0001.png');
});

async function generate(page: Page, changes: object): Promise<string> {
  const { models } = await call(page, 'models.list', {});
  const model = models.find(({ modality }) => modality === 'MR') ?? models[0]!;
  const { runId } = await call(page, 'runs.generate', {
    modelId: model.id,
    count: 2,
    seed: 1,
    classId: null,
    guidance: 1,
    sampler: 'ddim',
    steps: 2,
    provider: 'cpu',
    source: null,
    ...changes,
  });
  await expect
    .poll(async () => (await call(page, 'runs.show', { runId })).state, { timeout: slowMs, intervals: [300] })
    .toBe('done');
  return runId;
}

test('a filter that leaves few of many runs shows them, wherever the list was scrolled to', async ({
  launch,
  home,
}) => {
  const log = openLog(join(home, 'verisim.sqlite'));
  fillLog(log, 3_000, () => undefined);
  log.close();
  const { page } = await launch();
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Runs' }).click();
  const rows = page.locator('tr[data-run]');
  await expect(rows.first()).toBeVisible();
  await page.getByRole('table', { name: 'Runs' }).evaluate((table) => {
    table.parentElement!.scrollTop = table.parentElement!.scrollHeight;
  });
  await expect(page.locator('tr[data-place="2990"]')).toBeVisible();
  await page.getByLabel('Filter runs').fill('state=failed steps=20');
  await expect(page.locator('header .muted')).not.toContainText('3,0');
  await expect(rows.first()).toHaveAttribute('data-place', '0');
});
