import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import type { VerisimBridge } from '../preload/contract.ts';
import { call, prepareElectron, startApplication } from './benchmark-window/application.ts';

/**
 * `npm run benchmark:window` (under `xvfb-run -a` without a display, after `npm run build`): prints how long the real
 * window takes to be usable, how well scrolling a 512-slice series keeps up with key repeat, and what a running
 * generation adds to opening a study. Figures, no verdict: a shared machine would make it one by chance.
 */
const slices = 512;
const keyRepeatMs = 33;
const home = await mkdtemp(join(tmpdir(), 'verisim-benchmark-'));
await prepareElectron();

try {
  const deep = await writeDeepSeries(join(home, 'deep.nii'));
  const startedAt = Date.now();
  const { application, page } = await startApplication(join(home, 'data'));
  await page.getByRole('navigation').first().waitFor();
  report('window interactive after start', Date.now() - startedAt, 'ms');
  await page.getByTestId('plane-axial').waitFor({ timeout: 60_000 });
  report('sample study on screen after the first start ever', Date.now() - startedAt, 'ms');

  await application.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
  }, deep);
  const { series } = await call(page, 'studies.choose', { kind: 'files' });
  const deepId = series[0]?.id ?? '';
  const quiet = await openTimes(page, deepId);
  report('open a cached study, nothing else running (median)', quiet, 'ms');

  await page.reload();
  await page.getByRole('option', { name: new RegExp(`${slices}`) }).click();
  await page
    .getByTestId('slice-axial')
    .filter({ hasText: `/ ${slices}` })
    .waitFor({ timeout: 60_000 });
  await page.getByTestId('plane-axial').click();
  await page.keyboard.press('Home');
  const scroll = await scrollWithKeyRepeat(page);
  report(`scroll ${slices} slices by key repeat (one key each ${keyRepeatMs} ms)`, scroll.elapsedMs, 'ms');
  report('  keys sent in', scroll.sentMs, 'ms');
  report('  the picture lags behind the last key by', scroll.elapsedMs - scroll.sentMs, 'ms');

  const { models } = await call(page, 'models.list', {});
  const model = models[0];
  if (model) {
    const { sampler, steps, guidance } = model.defaults;
    const { runId } = await call(page, 'runs.generate', {
      modelId: model.id,
      count: 1000,
      seed: 1,
      classId: null,
      guidance,
      sampler,
      steps,
      provider: 'cpu',
      source: null,
    });
    await page.waitForTimeout(4000);
    const busy = await openTimes(page, deepId);
    report('open the same study during a generation (median)', busy, 'ms');
    report('  the generation adds', busy - quiet, 'ms');
    await call(page, 'runs.cancel', { runId });
  }
  await application.close();
} finally {
  await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** Description through the engine and voxels through app://, as the viewer asks for them; median of 7. */
async function openTimes(page: Page, seriesId: string): Promise<number> {
  const times: number[] = [];
  for (let repeat = 0; repeat < 7; repeat++) {
    times.push(
      await page.evaluate(async (id) => {
        const { verisim } = window as unknown as { verisim: VerisimBridge };
        const started = performance.now();
        await verisim.invoke('studies.volume', { seriesId: id });
        await (await fetch(`app://verisim/volumes/${id}`)).arrayBuffer();
        return performance.now() - started;
      }, seriesId),
    );
  }
  return times.sort((a, b) => a - b)[3] ?? 0;
}

async function scrollWithKeyRepeat(page: Page): Promise<{ sentMs: number; elapsedMs: number }> {
  const started = Date.now();
  for (let key = 1; key < slices; key++) {
    await page.keyboard.down('ArrowDown');
    const wait = started + key * keyRepeatMs - Date.now();
    if (wait > 0) await page.waitForTimeout(wait);
  }
  await page.keyboard.up('ArrowDown');
  const sentMs = Date.now() - started;
  await page
    .getByTestId('slice-axial')
    .filter({ hasText: new RegExp(`Slice (${slices}|1) / ${slices}`) })
    .waitFor();
  return { sentMs, elapsedMs: Date.now() - started };
}

/** A NIfTI-1 volume of 256 × 256 × 512 int16 voxels with a gradient and a ball in it. */
async function writeDeepSeries(path: string): Promise<string> {
  const [columns, rows] = [256, 256];
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  [3, columns, rows, slices, 1, 1, 1, 1].forEach((size, at) => header.writeInt16LE(size, 40 + 2 * at));
  header.writeInt16LE(4, 70);
  header.writeInt16LE(16, 72);
  [1, 1, 1, 1].forEach((spacing, at) => header.writeFloatLE(spacing, 76 + 4 * at));
  header.writeFloatLE(352, 108);
  header.writeInt16LE(1, 254);
  [0, 1, 2].forEach((axis) => header.writeFloatLE(1, 280 + 20 * axis));
  header.write('n+1\0', 344, 'latin1');
  const voxels = new Int16Array(columns * rows * slices);
  for (let k = 0, at = 0; k < slices; k++)
    for (let j = 0; j < rows; j++)
      for (let i = 0; i < columns; i++, at++)
        voxels[at] = Math.hypot(i - 128, j - 128, (k - 256) / 2) < 100 ? 600 + k : i;
  await writeFile(path, Buffer.concat([header, Buffer.from(voxels.buffer)]));
  return path;
}

function report(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(70)} ${value.toFixed(0).padStart(7)} ${unit}`);
}
