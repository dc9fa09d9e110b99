import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import type { CallInput, VerisimBridge } from '../preload/contract.ts';
import { randomFrom } from '../main/evaluation/random.ts';
import { encodePng8 } from '../main/imaging/png.ts';
import { call, prepareElectron, startApplication } from './benchmark-window/application.ts';
import { writeWideExtractor } from './measure-window/wide-extractor.ts';

/**
 * `xvfb-run -a node scripts/benchmark-measure-window.ts [--images 5000] [--width 2048] [--seconds 30]` (after `npm run build`): whether a
 * large FID blocks the window. Two sets of that many images are measured by an extractor of that many features; before and during it the
 * page counts its frames, asks the engine for the list of runs five times a second, and changes tabs. Figures, no verdict.
 */
const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '5000' },
    width: { type: 'string', default: '2048' },
    seconds: { type: 'string', default: '30' },
  },
});
const [images, width, seconds] = [Number(values.images), Number(values.width), Number(values.seconds)];
const side = 16;
const home = await mkdtemp(join(tmpdir(), 'verisim-benchmark-'));
const data = join(home, 'data');
await writeWideExtractor(join(data, 'models', 'wide'), { side, width });
const folders = [await writeNoise('real', 1), await writeNoise('synthetic', 2)] as const;
await prepareElectron();

try {
  const { application, page } = await startApplication(data);
  const parts: { kind: 'folder'; folderId: string }[] = [];
  for (const folder of folders) {
    await application.evaluate(({ dialog }, chosen) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
    }, folder);
    const { folder: added } = await call(page, 'measure.chooseFolder', {});
    parts.push({ kind: 'folder', folderId: added?.id ?? '' });
  }
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Measure' }).click();
  // The sample study is opened at the first start; it is let finish.
  await page.waitForTimeout(8_000);
  report('nothing else running', await watch(page));
  const [real, synthetic] = parts;
  await page.evaluate(
    (input) => {
      const { verisim } = window as unknown as { verisim: VerisimBridge };
      void verisim.invoke('measure.run', input);
    },
    {
      ...{ real: [real!], cohorts: [{ name: 'noise', parts: [synthetic!] }] },
      ...{ extractorId: 'wide', radiomics: false, bootstrap: 10 },
    } satisfies CallInput<'measure.run'>,
  );
  const runId = await reached(page, 'Measuring the distributions');
  report(`during a FID of 2 × ${images} × ${width}`, await watch(page));
  const { state, progress } = await call(page, 'runs.show', { runId });
  console.log(`the run then: ${state}, ${progress.phase}`);
  await call(page, 'runs.cancel', { runId });
  await application.close();
} finally {
  await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

interface Times {
  frames: number[];
  calls: number[];
  tabs: number[];
}

/** Frames and calls of the page, and changes of tabs from outside, for the given seconds. Milliseconds. */
async function watch(page: Page): Promise<Times> {
  const measured = page.evaluate(async (forMs) => {
    const { verisim } = window as unknown as { verisim: VerisimBridge };
    const [frames, calls]: [number[], number[]] = [[], []];
    const end = performance.now() + forMs;
    let last = performance.now();
    const turn = (now: number): void => {
      frames.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
    while (performance.now() < end) {
      const started = performance.now();
      await verisim.invoke('runs.list', { limit: 20 });
      calls.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return { frames: frames.slice(1), calls };
  }, seconds * 1000);
  const tabs: number[] = [];
  const end = Date.now() + seconds * 1000 - 2_000;
  for (let turn = 0; Date.now() < end; turn++) {
    const [name, heading] = turn % 2 === 0 ? ['Costs', 'What each family costs'] : ['Cohorts', 'New evaluation'];
    const started = Date.now();
    await page.getByRole('tab', { name }).click();
    await page.getByRole('heading', { name: heading }).waitFor();
    tabs.push(Date.now() - started);
    await page.waitForTimeout(500);
  }
  return { ...(await measured), tabs };
}

/** The run of the evaluation once it is in this phase. */
async function reached(page: Page, phase: string): Promise<string> {
  for (;;) {
    const [row] = (await call(page, 'runs.list', { kind: 'evaluation' })).rows;
    if (row?.state === 'failed') throw new Error(row.error?.message);
    const live = await page.getByRole('main').or(page.locator('body')).first().textContent();
    if (row !== undefined && (live ?? '').includes(phase)) return row.id;
    await page.waitForTimeout(500);
  }
}

async function writeNoise(name: string, seed: number): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  const random = randomFrom(seed);
  for (let image = 0; image < images; image++) {
    const pixels = Uint8Array.from({ length: side * side }, () => Math.floor(random() * 256));
    await writeFile(
      join(folder, `${image}.png`),
      encodePng8({ width: side, height: side, channels: 1, values: pixels }),
    );
  }
  return folder;
}

function report(when: string, times: Times): void {
  console.log(when);
  for (const [name, what] of [
    ['frames', 'a frame every'],
    ['calls', 'a call to the engine answered in'],
    ['tabs', 'a tab shown after'],
  ] as const) {
    const ordered = times[name].toSorted((a, b) => a - b);
    const at = (share: number): string => (ordered[Math.floor(share * (ordered.length - 1))] ?? NaN).toFixed(0);
    console.log(`  ${what} ${at(0.5)} ms (median), 95 % within ${at(0.95)}, longest ${at(1)}; n = ${ordered.length}`);
  }
}
