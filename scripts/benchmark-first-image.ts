/**
 * `npm run benchmark:first-image` (under `xvfb-run -a` without a display, after `npm run build`): how long after a click on a
 * series that lies on the disk its first picture stands in the real window, for series of several kinds; medians. Needs
 * python3-pydicom and libgdcm-tools of Debian to make the series.
 *
 *   node scripts/benchmark-first-image.ts [--repeats 7] [--data FOLDER]     FOLDER is made once and kept
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exportSeries } from '../main/imaging/export/export-series.ts';
import { findSeries } from '../main/imaging/find.ts';
import { loadVolume } from '../main/imaging/load.ts';
import { isInTime, measureFirstImages, median } from './benchmark-window/first-image.ts';
import { prepareElectron, startApplication } from './benchmark-window/application.ts';
import { repositoryRoot } from './repository.ts';
import { runCommand } from './run-command.ts';

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '7' }, data: { type: 'string' } } });
const scratch = await mkdtemp(join(tmpdir(), 'verisim-benchmark-'));
const data = values.data ?? join(scratch, 'data');
const home = join(scratch, 'home');
await prepareElectron();

try {
  if (!existsSync(join(data, 'jls'))) {
    const script = join(repositoryRoot, 'scripts', 'benchmark-imaging', 'peer.py');
    await run(process.env.VERISIM_PYTHON ?? '/usr/bin/python3', '-W', 'ignore', script, 'make', data);
  }
  await makeFurther();
  const { application, page } = await startApplication(home);
  await page.getByTestId('plane-axial').waitFor({ timeout: 60_000 });
  const kinds = [
    { title: 'CT, 300 files, uncompressed', folder: join(data, 'ct') },
    { title: 'CT, 60 files, JPEG 2000', folder: join(data, 'j2k') },
    { title: 'CT, 60 files, JPEG-LS', folder: join(data, 'jls') },
    { title: 'CT, 60 files, JPEG lossless', folder: join(data, 'jpeg') },
    { title: 'CT, one file of 300 frames', folder: join(data, 'multi-frame') },
    { title: 'CT, one file of 300 frames, JPEG 2000', folder: join(data, 'multi-frame-j2k') },
    { title: 'CT, NIfTI of 300 slices', folder: join(data, 'nifti') },
  ];
  const all = await measureFirstImages({ application, page }, kinds, {
    cache: join(home, 'cache'),
    repeats: Math.max(1, Number(values.repeats)),
  });
  for (const { title, firstMs, wholeMs } of all) {
    console.log(
      `${title.padEnd(40)} first image ${median(firstMs).toFixed(0).padStart(5)} ms   planes ${median(wholeMs).toFixed(0).padStart(6)} ms` +
        `   ${isInTime(firstMs) ? '' : 'over 300 ms'}`,
    );
  }
  await application.close();
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** What the peer has no use for. */
async function makeFurther(): Promise<void> {
  const jpeg = join(data, 'jpeg');
  if (!existsSync(jpeg)) {
    await mkdir(jpeg);
    for (const name of await readdir(join(data, 'plain')))
      await run('gdcmconv', '--jpeg', join(data, 'plain', name), join(jpeg, name));
  }
  for (const [name, options] of [
    ['multi-frame', { format: 'dicom', multiFrame: true }],
    ['nifti', { format: 'nifti' }],
  ] as const) {
    const folder = join(data, name);
    if (existsSync(folder)) continue;
    const { series } = await findSeries([join(data, 'ct')], { unpackFolder: scratch });
    const [ct] = series;
    if (ct !== undefined) await exportSeries(ct, await loadVolume(ct), { ...options, folder, deidentify: null });
  }
  const compressed = join(data, 'multi-frame-j2k');
  if (existsSync(compressed)) return;
  await mkdir(compressed);
  const files = await readdir(join(data, 'multi-frame'), { recursive: true });
  const whole = files.find((name) => name.endsWith('.dcm')) ?? '';
  await run('gdcmconv', '--j2k', join(data, 'multi-frame', whole), join(compressed, 'all.dcm'));
}

async function run(program: string, ...rest: string[]): Promise<void> {
  const { code, output } = await runCommand(program, rest, { quiet: true });
  if (code !== 0) throw new Error(output);
}
