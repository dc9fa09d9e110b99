import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import type { SeriesSummary } from '../../preload/domain.ts';

/** The bar of the issue. */
const wantedMs = 300;
const longestMs = 120_000;
const restMs = 1_500;
/** The size of the sample study, which is chosen in between. */
const sample = '181 × 217 × 181';

export interface FirstImageTimes {
  title: string;
  /** From the click on the series to its first picture on the screen, and to its planes. */
  firstMs: number[];
  wholeMs: number[];
}

/**
 * Chooses each series in the list, in turns with another one, with no decoded volume and no picture of either in the cache, and
 * takes the time until its picture has been painted. The files themselves are in the cache of the system after the first turn.
 */
export async function measureFirstImages(
  { application, page }: { application: ElectronApplication; page: Page },
  folders: { title: string; folder: string }[],
  { cache, repeats }: { cache: string; repeats: number },
): Promise<FirstImageTimes[]> {
  const all: FirstImageTimes[] = [];
  for (const { title, folder } of folders) {
    const series = await openFolder(application, page, folder);
    const times: FirstImageTimes = { title, firstMs: [], wholeMs: [] };
    for (let repeat = 0; repeat < repeats; repeat++) {
      await choose(page, sample);
      // Nobody chooses the next series while the planes of this one are still being drawn.
      await page.waitForTimeout(restMs);
      await emptyCache(cache);
      const { firstMs, wholeMs } = await choose(page, `${series.columns} × ${series.rows} × ${series.slices}`);
      times.firstMs.push(firstMs);
      times.wholeMs.push(wholeMs);
    }
    all.push(times);
    await page.evaluate(
      (seriesId) =>
        (window as unknown as { verisim: { invoke(name: string, input: unknown): Promise<unknown> } }).verisim.invoke(
          'studies.forget',
          { seriesId },
        ),
      series.id,
    );
    await page.reload();
    await page.getByRole('option').first().waitFor();
  }
  return all;
}

/** Whether a median keeps to the bar. */
export function isInTime(times: number[]): boolean {
  return median(times) <= wantedMs;
}

export function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

async function openFolder(application: ElectronApplication, page: Page, folder: string): Promise<SeriesSummary> {
  await application.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
  }, folder);
  const envelope = await page.evaluate(() =>
    (window as unknown as { verisim: { invoke(name: string, input: unknown): Promise<unknown> } }).verisim.invoke(
      'studies.choose',
      { kind: 'folder' },
    ),
  );
  const { value } = envelope as { value: { series: SeriesSummary[] } };
  const [first] = value.series;
  if (first === undefined) throw new Error(`${folder} holds no series.`);
  await page.reload();
  await page.getByRole('option').first().waitFor();
  return first;
}

async function emptyCache(cache: string): Promise<void> {
  for (const name of await readdir(join(cache, 'volumes'))) await rm(join(cache, 'volumes', name), { force: true });
  for (const name of await readdir(join(cache, 'thumbnails'))) {
    if (basename(name).endsWith('.preview.png')) await rm(join(cache, 'thumbnails', name), { force: true });
  }
}

/** Clicks in the page itself and takes the time there: no way to the test and back is in it. */
function choose(page: Page, label: string): Promise<{ firstMs: number; wholeMs: number }> {
  return page.evaluate(
    async ({ wanted, limit }) => {
      const row = [...document.querySelectorAll<HTMLElement>('[role=option]')].find((one) =>
        one.getAttribute('aria-label')?.includes(wanted),
      );
      if (row === undefined) throw new Error(`No series in the list is ${wanted}.`);
      const painted = () =>
        new Promise<number>((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));
      const wasThere = document.querySelector('[data-testid^=plane-]');
      const begun = performance.now();
      row.click();
      let firstMs = NaN;
      while (performance.now() - begun < limit) {
        const now = await painted();
        const picture = document.querySelector<HTMLImageElement>('[data-testid=first-image]');
        const pane = document.querySelector('[data-testid^=plane-]');
        const isWhole = pane !== null && pane !== wasThere && pane.querySelector('canvas') !== null;
        const isFirst = picture !== null && picture.complete && picture.naturalWidth > 0;
        if (Number.isNaN(firstMs) && (isFirst || isWhole)) firstMs = now - begun;
        if (isWhole && picture === null) return { firstMs, wholeMs: now - begun };
      }
      throw new Error(`${wanted} was not shown.`);
    },
    { wanted: label, limit: longestMs },
  );
}
