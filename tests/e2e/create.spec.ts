import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { repositoryRoot } from '../../scripts/repository.ts';
import { answerDialogs } from './dialogs.ts';
import { call, expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 120_000;

async function openCreate(page: Page): Promise<void> {
  await expect(page.getByTestId('slice-axial')).toContainText('/ 181', { timeout: slowMs });
  await page.keyboard.press('Control+2');
  await expect(page.getByRole('radio', { name: /Brain MRI.* LDM/ })).toBeChecked({ timeout: slowMs });
}

test('presets set sampler and steps, the cost follows them, and the denoising is shown until each image is finished', async ({
  launch,
}) => {
  test.setTimeout(600_000);
  const { page } = await launch();
  await openCreate(page);
  const cost = page.getByLabel('Cost');
  await page.getByLabel('Count', { exact: true }).fill('2');
  await page.getByRole('button', { name: 'Standard' }).click();
  await expect(page.getByText('DDPM, 50 steps', { exact: true }).first()).toBeVisible();
  await expect(cost).toContainText('100 calls');
  await page.getByRole('button', { name: 'Best' }).click();
  await expect(cost).toContainText('400 calls');
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByText('DPM-Solver++ (2M), Karras levels, 12 steps')).toBeVisible();
  await expect(cost).toContainText('24 calls');
  await expect(cost).toContainText('MB, measured here', { timeout: slowMs });
  await expect(cost).toContainText('not known before a first run or a measurement here');

  await page.getByLabel('Class', { exact: true }).selectOption('glioma');
  await expect(cost).toContainText('48 calls');
  await page.getByLabel('Class', { exact: true }).selectOption('');
  await page.getByText('Advanced', { exact: true }).click();
  await page.getByLabel('Steps', { exact: true }).fill('0');
  await expect(page.getByText('A whole number from 1 to 1 000.'.replace('1 000', '1\u202f000'))).toBeVisible();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByLabel('Steps', { exact: true })).toBeFocused();
  expect((await call(page, 'runs.list', {})).total).toBe(0);
  await page.getByLabel('Steps', { exact: true }).fill('16');
  await expect(page.getByText('Set by hand: DPM-Solver++ (2M), Karras levels, 16 steps')).toBeVisible();

  await page.getByLabel('Seed', { exact: true }).fill('21');
  await page.getByLabel('Seed', { exact: true }).press('Control+Enter');
  const preview = page.getByRole('option', { name: /^Preview of image 1, step \d+ of 16$/ });
  await expect(preview).toBeVisible({ timeout: slowMs });
  await expect(preview.getByText('SYN')).toBeVisible();
  await keepScreen(page, 'create-denoising');
  await expect(page.getByRole('option', { name: /^Synthetic image \d, seed 2\d$/ })).toHaveCount(2, {
    timeout: slowMs,
  });
  await expect(page.getByRole('option', { name: /^Preview of/ })).toHaveCount(0);
  await expect(cost).toContainText('from the last run on this machine', { timeout: slowMs });

  await page.getByRole('option', { name: 'Synthetic image 2, seed 22' }).click();
  await page.keyboard.press('s');
  await expect(page.getByLabel('Seed', { exact: true })).toHaveValue('22');
  await page.getByRole('button', { name: 'Best' }).click();
  await page.getByRole('option', { name: 'Synthetic image 2, seed 22' }).click();
  await page.keyboard.press('r');
  await expect(page.getByText('Set by hand: DPM-Solver++ (2M), Karras levels, 16 steps')).toBeVisible();
  await expect(page.getByLabel('Seed', { exact: true })).not.toHaveValue('22');
  await page.keyboard.press('a');
  await expect(page.getByLabel('Seed', { exact: true })).toHaveValue('22');
});

test('a run that is put first goes before those that wait; Shift+X ends the one in view', async ({ launch }) => {
  test.setTimeout(600_000);
  const { page } = await launch();
  await openCreate(page);
  await page.getByLabel('Count', { exact: true }).fill('400');
  for (const [seed, keys] of [
    ['1', 'Control+Enter'],
    ['2', 'Control+Enter'],
    ['3', 'Control+Shift+Enter'],
  ] as const) {
    await page.getByLabel('Seed', { exact: true }).fill(seed);
    await page.getByLabel('Seed', { exact: true }).press(keys);
    await expect(page.getByLabel('Run shown')).toContainText(`seed ${seed}`, { timeout: slowMs });
  }
  const runs = (await call(page, 'runs.list', { kind: 'generation' })).rows;
  const stateOf = async (seed: number) =>
    (await call(page, 'runs.show', { runId: runs.find((run) => run.seed === seed)?.id ?? '' })).state;
  await call(page, 'runs.cancel', { runId: runs.find(({ seed }) => seed === 1)?.id ?? '' });
  await expect.poll(() => stateOf(3), { timeout: slowMs }).toBe('running');
  expect(await stateOf(2)).toBe('queued');
  await page.getByRole('tab', { name: 'Images' }).focus();
  await page.keyboard.press('Shift+X');
  await expect.poll(() => stateOf(3), { timeout: slowMs }).toBe('cancelled');
  await call(page, 'runs.cancel', { runId: runs.find(({ seed }) => seed === 2)?.id ?? '' });
});

test('a broken pack is refused with its reason; a good one is imported, named as unfit for the image, removed and taken back', async ({
  launch,
}) => {
  test.setTimeout(600_000);
  const builtIn = join(repositoryRoot, 'models', 'brain-mri-wdm-128');
  const folder = await mkdtemp(join(tmpdir(), 'verisim-pack-'));
  await cp(builtIn, folder, { recursive: true });
  const manifestPath = join(folder, 'model.json');
  const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as { id: string; name: string; modality: string };
  const own = { ...manifest, id: 'my-ct', name: 'My CT model', modality: 'CT' };
  await writeFile(manifestPath, JSON.stringify(own));
  const weights = await readFile(join(folder, 'denoiser.onnx'));
  const broken = Buffer.from(weights);
  broken[broken.length >> 1] = (broken[broken.length >> 1] ?? 0) ^ 0xff;
  await writeFile(join(folder, 'denoiser.onnx'), broken);

  const { application, page } = await launch();
  await openCreate(page);
  await answerDialogs(application, folder);
  await page.getByRole('tab', { name: 'Models' }).click();
  await page.getByRole('button', { name: 'Import folder…' }).click();
  await expect(page.getByRole('alert')).toContainText(/SHA-256 .* was expected, .* was found.*HashMismatch/, {
    timeout: slowMs,
  });
  await page.getByRole('button', { name: 'Dismiss' }).first().click();

  await writeFile(join(folder, 'denoiser.onnx'), weights);
  await page.getByRole('button', { name: 'Import folder…' }).click();
  const table = page.getByRole('table', { name: 'Models compared' });
  await expect(table.getByRole('button', { name: 'My CT model', exact: true })).toBeVisible({ timeout: slowMs });
  await keepScreen(page, 'create-models');
  await page.getByLabel('Start from').selectOption({ index: 1 });
  await expect(page.getByRole('radiogroup', { name: 'Model' })).toContainText(
    'Trained on CT images; this series is MR.',
  );

  await page.getByRole('button', { name: 'Remove My CT model' }).click();
  await expect(table.getByRole('button', { name: 'My CT model', exact: true })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(table.getByRole('button', { name: 'My CT model', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Remove My CT model' }).click();
  const ids = async () => (await call(page, 'models.list', {})).models.map(({ id }) => id);
  await expect.poll(ids, { timeout: slowMs }).not.toContain('my-ct');
});

test('a rectangle by numbers is made anew in a slice, and the rest of the slice stays', async ({ launch }) => {
  test.setTimeout(600_000);
  const { page } = await launch();
  await openCreate(page);
  await page.getByLabel('Start from').selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Draw mask…' }).click();
  const editor = page.getByRole('dialog', { name: 'What is to be made anew' });
  for (const [label, value] of [
    ['Left', '70'],
    ['Top', '90'],
    ['Width', '40'],
    ['Height', '30'],
  ] as const)
    await editor.getByLabel(label, { exact: true }).fill(value);
  await editor.getByRole('button', { name: 'Mark', exact: true }).click();
  const marked = '1\u202f200 pixels marked';
  await expect(editor.getByRole('status')).toContainText(marked);
  await page.keyboard.press('Control+z');
  await expect(editor.getByRole('status')).toContainText('Nothing is marked');
  await page.keyboard.press('Control+Shift+Z');
  await expect(editor.getByRole('status')).toContainText(marked);
  await keepScreen(page, 'create-mask');
  await editor.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('1\u202f200 pixels are made anew, the rest stays')).toBeVisible();

  await page.getByLabel('Count', { exact: true }).fill('1');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('option', { name: /^Synthetic image 1/ })).toBeVisible({ timeout: slowMs });
  const [run] = (await call(page, 'runs.list', { kind: 'generation' })).rows;
  const { parameters } = await call(page, 'runs.show', { runId: run?.id ?? '' });
  expect(parameters.inpaint).toMatchObject({ method: 'masked' });

  await page.getByLabel('Method', { exact: true }).selectOption('repaint');
  await page.getByLabel('Steps back', { exact: true }).fill('2');
  await page.getByLabel('Repeats', { exact: true }).fill('2');
  await page.keyboard.press('Control+Enter');
  await expect.poll(async () => (await call(page, 'runs.list', { kind: 'generation' })).total).toBe(2);
  const [repainted] = (await call(page, 'runs.list', { kind: 'generation' })).rows;
  const shown = () => call(page, 'runs.show', { runId: repainted?.id ?? '' });
  await expect.poll(async () => (await shown()).state, { timeout: slowMs }).toBe('done');
  expect((await shown()).parameters.inpaint).toMatchObject({ method: 'repaint', jumpLength: 2, resamples: 2 });
});

test('this machine is measured from the window, the provider checked, and the cost told from it', async ({
  launch,
}) => {
  test.setTimeout(600_000);
  const { page } = await launch();
  await openCreate(page);
  await page.getByRole('tab', { name: 'Models' }).click();
  await page.getByRole('button', { name: 'Check CPU' }).click();
  await expect(page.getByText(/^Works with .*: .* a step\.$/)).toBeVisible({ timeout: slowMs });

  await page.getByRole('tab', { name: 'Images' }).click();
  const cost = page.getByLabel('Cost');
  await page.getByRole('button', { name: 'Measure this machine' }).click();
  await expect
    .poll(async () => (await call(page, 'runs.list', { kind: 'benchmark' })).rows[0]?.state, { timeout: slowMs })
    .toBe('done');
  await expect(cost).not.toContainText('not known before a first run or a measurement here', { timeout: slowMs });
});
