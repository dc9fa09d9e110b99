import { copyFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright';
import { openLog } from '../main/log/log.ts';
import { prepareElectron, startApplication } from './benchmark-window/application.ts';
import { fillLog } from './log/fill-log.ts';

/**
 * `xvfb-run -a npm run benchmark:log-window -- [--runs N] [--log FILE] [--screenshot FILE]` (after `npm run build`): scrolls the list of runs from top to
 * bottom, once evenly and once in jumps, and tells how often a frame came and how long the page's own work for one frame took. At 60
 * frames a second that work has 16.7 ms. Without a graphics card the frames themselves are drawn by the processor, so the rate is
 * that of the machine; the work, and tasks of over 50 ms that hold the page up, are those of the application. `--log` takes a log that benchmark-log.ts kept.
 */
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100000' }, log: { type: 'string' }, screenshot: { type: 'string' } },
});
const frames = 300;
const home = await mkdtemp(join(tmpdir(), 'verisim-benchmark-'));
const data = join(home, 'data');
await mkdir(data);
const file = join(data, 'verisim.sqlite');
if (values.log === undefined) {
  const log = openLog(file);
  fillLog(log, Number(values.runs), (done) => process.stderr.write(`\r${done} runs`));
  log.close();
} else copyFileSync(values.log, file);

await prepareElectron();

try {
  const { application, page } = await startApplication(data);
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Runs' }).click();
  await page.locator('tr[data-run]').first().waitFor({ timeout: 120_000 });
  // The sample study is opened at the first start; it is let finish.
  await page.waitForTimeout(8_000);
  for (const [name, pixels] of [
    ['evenly, 40 pixels a frame', 40],
    ['in jumps of 3,000 runs', 102_000],
  ] as const) {
    const { medianMs, worstMs, late, workMs, longTasks } = await scroll(page, pixels);
    console.log(
      `${name}: a frame every ${medianMs.toFixed(1)} ms (median; longest ${worstMs.toFixed(0)} ms; ${late} of ${frames} over 33 ms), ` +
        `${workMs.toFixed(1)} ms of work of the page for each, ${longTasks.length} tasks over 50 ms${longTasks.length > 0 ? ` (longest ${Math.max(...longTasks).toFixed(0)} ms)` : ''}`,
    );
  }
  if (values.screenshot !== undefined) await page.screenshot({ path: values.screenshot });
  const answered = await filterTime(page);
  console.log(
    `filter typed until its rows are shown: ${answered.toFixed(0)} ms, 150 ms of it waiting for the next key`,
  );
  await application.close();
} finally {
  await rm(home, { recursive: true, force: true });
}

interface Scrolled {
  medianMs: number;
  worstMs: number;
  /** Frames that took over 33 ms. */
  late: number;
  /** Of the page's main thread for one frame. */
  workMs: number;
  /** Milliseconds of each task of over 50 ms (Long Tasks API, W3C). */
  longTasks: number[];
}

async function scroll(page: Page, pixels: number): Promise<Scrolled> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  const busySeconds = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await busySeconds();
  const { intervals, longTasks } = await page.evaluate(
    ([count, step]) =>
      new Promise<{ intervals: number[]; longTasks: number[] }>((resolve) => {
        const longTasks: number[] = [];
        const observer = new PerformanceObserver((list) =>
          longTasks.push(...list.getEntries().map(({ duration }) => duration)),
        );
        observer.observe({ type: 'longtask' });
        const frame = document.querySelector('table[aria-label="Runs"]')!.parentElement!;
        frame.scrollTop = 0;
        const times: number[] = [];
        const turn = (now: number): void => {
          times.push(now);
          if (times.length > count) {
            observer.disconnect();
            return resolve({ intervals: times.slice(1).map((time, at) => time - times[at]!), longTasks });
          }
          frame.scrollTop += step;
          requestAnimationFrame(turn);
        };
        requestAnimationFrame(turn);
      }),
    [frames, pixels] as const,
  );
  const workMs = ((await busySeconds()) - before) * (1000 / frames);
  await devtools.detach();
  const ordered = intervals.toSorted((a, b) => a - b);
  const late = intervals.filter((one) => one > 33).length;
  return { medianMs: ordered[ordered.length >> 1] ?? 0, worstMs: ordered.at(-1) ?? 0, late, workMs, longTasks };
}

async function filterTime(page: Page): Promise<number> {
  const count = page.locator('header .muted');
  const before = (await count.textContent()) ?? '';
  const started = Date.now();
  await page.getByLabel('Filter runs').fill('state=failed steps=20');
  await count.filter({ hasNotText: before }).waitFor();
  await page.locator('tr[data-run]').first().waitFor();
  return Date.now() - started;
}
