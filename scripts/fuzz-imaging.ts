/**
 * Opens damaged copies of image files and proves that each gives a picture or a tagged error: never a crash, a hang or
 * memory without bound. The damage follows from the seed alone.
 *
 *   node scripts/fuzz-imaging.ts FOLDER [--seed 1] [--rounds 3] [--together]
 *
 * `--together` opens all damaged files of a round as one folder, which is indexed in threads; each has to be in a series, counted as
 * repeated, or listed with its reason; archives and directories lead to others.
 * Prints one line for each fault and a summary; exit code 1 when there was a fault.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { VerisimError } from '../preload/errors.ts';
import { findSeries } from '../main/imaging/find.ts';
import { loadVolume } from '../main/imaging/load.ts';

const longestMs = 5_000;
const spareBytes = 200 * 2 ** 20;
const largestFileBytes = 8 * 2 ** 20;

interface Report {
  file: string;
  outcome: 'started' | 'opened' | 'refused' | 'fault';
  detail: string;
}

if (process.send === undefined) await watch();
else await openAll(process.argv[2] ?? '', process.argv[3] ?? '', Number(process.argv[4] ?? 0));

/** Runs the work in a process of its own; one that says nothing for too long is ended and started again behind the file. */
async function watch(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '3' },
      together: { type: 'boolean', default: false },
    },
  });
  const corpus = path.resolve(positionals[0] ?? '../shared/data');
  const files = await filesBelow(corpus);
  const work = Array.from({ length: Number(values.rounds) }, (_, round) =>
    (values.together ? [corpus] : files).map((file) => `${values.seed}.${round}:${file}`),
  ).flat();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'verisim-fuzz-'));
  const counts = { opened: 0, refused: 0, fault: 0 };
  const list = path.join(folder, 'list.json');
  await writeFile(list, JSON.stringify(work));
  let next = 0;
  while (next < work.length) next = await runFrom(next, { list, folder, counts, work });
  await rm(folder, { recursive: true, force: true });
  console.log(`${work.length} files: ${counts.opened} opened, ${counts.refused} refused, ${counts.fault} faults`);
  process.exitCode = counts.fault > 0 ? 1 : 0;
}

async function filesBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function runFrom(
  start: number,
  run: { list: string; folder: string; counts: Record<'opened' | 'refused' | 'fault', number>; work: string[] },
): Promise<number> {
  const child = fork(import.meta.filename, [run.list, run.folder, String(start)], {
    execArgv: ['--max-old-space-size=3072'],
  });
  let at = start;
  return new Promise((resolve) => {
    const fault = (detail: string): void => {
      run.counts.fault++;
      console.log(`FAULT ${run.work[at] ?? ''}: ${detail}`);
    };
    const hang = (): void => {
      fault(`said nothing for ${longestMs} ms`);
      at++;
      child.removeAllListeners('exit');
      child.on('exit', () => resolve(at));
      child.kill('SIGKILL');
    };
    let timer = setTimeout(hang, 10 * longestMs);
    child.on('message', (message) => {
      const { outcome, detail } = message as Report;
      clearTimeout(timer);
      timer = setTimeout(hang, longestMs);
      if (outcome === 'started') return;
      if (outcome === 'fault') fault(detail);
      else run.counts[outcome]++;
      at++;
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (at < run.work.length) {
        fault(`the process ended (${code ?? signal})`);
        at++;
      }
      resolve(at);
    });
  });
}

async function openAll(list: string, folder: string, start: number): Promise<void> {
  const work = JSON.parse(await readFile(list, 'utf8')) as string[];
  for (const one of work.slice(start)) {
    const separator = one.indexOf(':');
    const [seed, file] = [one.slice(0, separator), one.slice(separator + 1)];
    process.send?.({ file, outcome: 'started', detail: '' } satisfies Report);
    const opened = (await stat(file)).isDirectory()
      ? openTogether(file, seed, folder)
      : openDamaged(file, seed, folder);
    process.send?.(await opened);
  }
  process.disconnect();
}

async function openDamaged(file: string, seed: string, folder: string): Promise<Report> {
  const original = await readFile(file);
  if (original.length > largestFileBytes) return { file, outcome: 'refused', detail: 'too large to be damaged' };
  const bytes = damage(original, `${seed}:${path.basename(file)}`);
  const place = await mkdtemp(path.join(folder, 'one-'));
  const target = path.join(place, path.basename(file));
  await writeFile(target, bytes);
  const before = process.memoryUsage().rss;
  const begun = performance.now();
  try {
    const { series } = await findSeries([target], { unpackFolder: path.join(place, 'unpacked') });
    for (const one of series) await loadVolume(one);
    const grown = process.memoryUsage().rss - before;
    const spent = performance.now() - begun;
    if (grown > 4 * bytes.length + spareBytes) {
      return { file, outcome: 'fault', detail: `took ${Math.round(grown / 2 ** 20)} MiB` };
    }
    if (spent > longestMs) return { file, outcome: 'fault', detail: `took ${Math.round(spent)} ms` };
    return { file, outcome: series.length > 0 ? 'opened' : 'refused', detail: '' };
  } catch (error) {
    if (error instanceof VerisimError) return { file, outcome: 'refused', detail: error.tag };
    return untagged(file, error);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function openTogether(corpus: string, seed: string, folder: string): Promise<Report> {
  const place = await mkdtemp(path.join(folder, 'all-'));
  const written = new Map<string, number>();
  for (const file of await filesBelow(corpus)) {
    const original = await readFile(file);
    if (original.length > largestFileBytes) continue;
    const name = path.basename(file);
    const bytes = damage(original, `${seed}:${name}`);
    const target = path.join(place, `${written.size}-${name}`);
    await writeFile(target, bytes);
    written.set(target, bytes.length);
  }
  const alive = (): void => void process.send?.({ file: corpus, outcome: 'started', detail: '' } satisfies Report);
  alive();
  const before = process.memoryUsage().rss;
  try {
    const { series, slides, skipped } = await findSeries([place], {
      unpackFolder: path.join(folder, 'unpacked'),
      onProgress: alive,
    });
    const grown = process.memoryUsage().rss - before;
    const largest = Math.max(...written.values());
    if (grown > 4 * largest + spareBytes)
      return { file: corpus, outcome: 'fault', detail: `took ${Math.round(grown / 2 ** 20)} MiB` };
    const told = new Set([
      ...series.flatMap(({ files, overlays = [] }) => [...files, ...overlays].map((one) => one.path)),
      ...slides.map((slide) => slide.path),
      ...skipped.map((one) => one.path),
    ]);
    const lost = [...written.keys()].filter((file) => !told.has(file) && !/DICOMDIR|\.(zip|gz)$/.test(file));
    // Files with the identity or the place of another one are told as a number, in each part of their series.
    const leftOut = new Map(
      series.map(({ uids, summary }) => [
        uids?.series,
        summary.warnings
          .filter((text) => text.endsWith('left out.'))
          .reduce((sum, text) => sum + Number.parseInt(text, 10), 0),
      ]),
    );
    if (lost.length > [...leftOut.values()].reduce((sum, one) => sum + one, 0))
      return { file: corpus, outcome: 'fault', detail: `neither opened nor listed: ${lost.slice(0, 5).join(', ')}` };
    for (const one of series) {
      alive();
      await loadVolume(one).catch((error: unknown) => {
        if (!(error instanceof VerisimError)) throw error;
      });
    }
    return { file: corpus, outcome: 'opened', detail: `${series.length} series, ${skipped.length} skipped` };
  } catch (error) {
    return untagged(corpus, error);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function untagged(file: string, error: unknown): Report {
  return { file, outcome: 'fault', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** Cuts, flips bits (mostly in the first kilobytes, where headers are) and overwrites stretches. */
function damage(original: Buffer, seed: string): Buffer {
  const random = generator(seed);
  const bytes = Buffer.from(original);
  const kind = Math.floor(random() * 4);
  const cut = kind === 0 ? Math.floor(random() * bytes.length) : bytes.length;
  const flips = kind === 1 || kind === 3 ? 1 + Math.floor(random() * 20) : 0;
  for (let i = 0; i < flips && bytes.length > 0; i++) {
    const reach = random() < 0.8 ? Math.min(bytes.length, 4096) : bytes.length;
    const at = Math.floor(random() * reach);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  }
  if (kind >= 2) {
    const at = Math.floor(random() * Math.min(bytes.length, 8192));
    const value = random() < 0.5 ? 0xff : Math.floor(random() * 256);
    bytes.fill(value, at, Math.min(bytes.length, at + 1 + Math.floor(random() * 16)));
  }
  return bytes.subarray(0, cut);
}

/** Numbers in 0…1 that follow from the text: SHA-256 in counter mode. */
function generator(seed: string): () => number {
  let counter = 0;
  return () => createHash('sha256').update(`${seed}:${counter++}`).digest().readUInt32BE(0) / 2 ** 32;
}
