/**
 * `npm run benchmark:imaging`: Verisim against pydicom and numpy on the same files, in turns, so that a busy machine slows both.
 * Prints medians and their ratio for the index of 1,000 files and the load of a 300-slice CT, and how many cores JPEG 2000
 * and JPEG-LS series keep busy. Needs python3-pydicom, python3-gdcm and libgdcm-tools of Debian; VERISIM_PYTHON names another Python.
 *
 *   node scripts/benchmark-imaging.ts [--repeats 5] [--data FOLDER]     FOLDER is made once and kept
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findSeries } from '../main/imaging/find.ts';
import { loadVolume } from '../main/imaging/load.ts';
import { repositoryRoot } from './repository.ts';
import { runCommand } from './run-command.ts';

const python = process.env.VERISIM_PYTHON ?? '/usr/bin/python3';
const peer = join(repositoryRoot, 'scripts', 'benchmark-imaging', 'peer.py');
const { values } = parseArgs({ options: { repeats: { type: 'string', default: '5' }, data: { type: 'string' } } });
const repeats = Math.max(1, Number(values.repeats));
const scratch = await mkdtemp(join(tmpdir(), 'verisim-benchmark-'));
const data = values.data ?? join(scratch, 'data');

try {
  if (!existsSync(join(data, 'jls'))) await ask('make', data);
  await compare('index 1,000 files', join(data, 'index'), { theirs: 'index', ours: index });
  await compare('load 300 × 512 × 512 CT', join(data, 'ct'), { theirs: 'load', ours: load });
  for (const [name, title] of [
    ['j2k', 'JPEG 2000'],
    ['jls', 'JPEG-LS'],
  ] as const) {
    await compare(`load 60 × 512 × 512 ${title}`, join(data, name), { theirs: 'load', ours: load });
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Seconds of each side, in turns; the first of ours, with threads still to be started, counts like the others. */
async function compare(
  title: string,
  folder: string,
  { theirs, ours }: { theirs: string; ours(folder: string): Promise<number> },
): Promise<void> {
  const times: { ours: number[]; theirs: number[]; cores: number[] } = { ours: [], theirs: [], cores: [] };
  for (let repeat = 0; repeat < repeats; repeat++) {
    times.theirs.push(Number(await ask(theirs, folder)));
    const before = process.cpuUsage();
    const started = performance.now();
    times.ours.push(await ours(folder));
    const used = process.cpuUsage(before);
    times.cores.push((used.user + used.system) / 1000 / (performance.now() - started));
  }
  const [mine, other, cores] = [median(times.ours), median(times.theirs), median(times.cores)];
  console.log(
    `${title.padEnd(32)} Verisim ${mine.toFixed(2)} s   pydicom + numpy ${other.toFixed(2)} s   ` +
      `${(other / mine).toFixed(1)} × faster   ${cores.toFixed(1)} of ${availableParallelism()} cores`,
  );
}

async function index(folder: string): Promise<number> {
  const started = performance.now();
  const { series, skipped } = await findSeries([folder], { unpackFolder: scratch });
  if (series.length !== 1 || skipped.length > 0) throw new Error(`${folder} was not indexed as one series.`);
  return (performance.now() - started) / 1000;
}

/** What choosing a series costs that is indexed already. */
async function load(folder: string): Promise<number> {
  const { series } = await findSeries([folder], { unpackFolder: scratch });
  const [one] = series;
  if (one === undefined) throw new Error(`${folder} holds no series.`);
  const started = performance.now();
  await loadVolume(one);
  return (performance.now() - started) / 1000;
}

async function ask(command: string, folder: string): Promise<string> {
  const { code, output } = await runCommand(python, ['-W', 'ignore', peer, command, folder], { quiet: true });
  if (code !== 0) throw new Error(output);
  return output.trim();
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}
