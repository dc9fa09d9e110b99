import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BenchmarkResult } from '../../preload/benchmark.ts';
import { metricNames, type EvaluationResult } from '../../preload/evaluation.ts';
import { repositoryRoot } from '../repository.ts';

/** One pack sampled in one way. */
export interface Cell {
  model: string;
  sampler: string;
  steps: number;
}

export interface Place {
  out: string;
  extractor: string;
  guidance: number;
  seed: number;
}

export interface Generated {
  folder: string;
  /** First digits of the hashes of the networks. */
  weights: string;
  count: number;
  /** Without loading, of the runs that made these images. */
  secondsPerImage: number;
}

export interface Measured {
  cell: Cell;
  generated: Generated;
  evaluation: EvaluationResult;
}

/** Seeds of a class begin this far from those of the one before, more than any count. */
const seedsPerClass = 100_000;
/** Images of one call of `generate`: what an interruption can cost. */
const chunkSize = 50;

/** The images of a cell, in one flat folder. Other weights of the pack make other images, so their hash is in its name. */
export async function generateCell(
  { model, sampler, steps }: Cell,
  { place, counts }: { place: Place; counts: { className: string; count: number }[] },
): Promise<Generated> {
  const weights = await weightsOf(model);
  const name = `${model}-${weights}-${sampler}-${steps}-w${place.guidance}-s${place.seed}`;
  const root = path.join(place.out, 'generated', name);
  const folder = path.join(place.out, 'images', `${name}-n${counts.reduce((sum, { count }) => sum + count, 0)}`);
  let [seconds, images] = [0, 0];
  await mkdir(folder, { recursive: true });
  for (const [index, { className, count }] of counts.entries())
    for (let first = 0; first < count; first += chunkSize) {
      const size = Math.min(chunkSize, count - first);
      const seed = place.seed + index * seedsPerClass + first;
      const chunk = path.join(root, `${className}-${seed}-${size}`);
      const done = await readJson<{ seconds: number }>(path.join(chunk, 'done.json'));
      const spent =
        done?.seconds ?? (await generateChunk(chunk, { model, sampler, steps, className, size, seed, place }));
      seconds += spent;
      images += size;
      for (const file of (await readdir(chunk)).filter((one) => one.endsWith('.png')))
        await copyOnce(path.join(chunk, file), path.join(folder, `${className}-${seed}-${file}`));
      process.stdout.write(`\r${images} images`);
    }
  process.stdout.write('\n');
  return { folder, weights, count: images, secondsPerImage: seconds / images };
}

/** A file is there as a whole or not at all. */
async function copyOnce(from: string, to: string): Promise<void> {
  const found = await stat(to).catch(() => null);
  if (found !== null) return;
  // Without an image's ending: what an interruption leaves is not evaluated.
  await copyFile(from, `${to}.json`);
  await rename(`${to}.json`, to);
}

async function generateChunk(
  chunk: string,
  {
    model,
    sampler,
    steps,
    className,
    size,
    seed,
    place,
  }: Cell & { className: string; size: number; seed: number; place: Place },
): Promise<number> {
  await rm(chunk, { recursive: true, force: true });
  const result = await verisim<{ outputs: unknown[]; seconds: { load: number; total: number } }>(place, [
    'generate',
    ...['--model', model, '--count', `${size}`, '--seed', `${seed}`, '--class', className],
    ...['--sampler', sampler, '--steps', `${steps}`, '--guidance', `${place.guidance}`, '--out', chunk],
  ]);
  if (result.outputs.length !== size)
    throw new Error(`${chunk} has ${result.outputs.length} images instead of ${size}.`);
  const seconds = result.seconds.total - result.seconds.load;
  await writeJson(path.join(chunk, 'done.json'), { seconds });
  return seconds;
}

/** `evaluate`, kept beside the images; done again where the extractor, the real images or what is measured are others. */
export async function evaluateCell(
  { model }: Cell,
  { place, generated }: { place: Place; generated: Generated },
): Promise<EvaluationResult> {
  const file = `${generated.folder}-${place.extractor}-${await realImagesOf(place)}.json`;
  const manifest = await readJson<{ files: { extractor: { sha256: string } } }>(
    path.join(repositoryRoot, 'models', place.extractor, 'model.json'),
  );
  const before = await readJson<EvaluationResult>(file);
  const complete = before !== null && metricNames.every((name) => Object.hasOwn(before.metrics, name));
  if (complete && before.extractor.sha256 === manifest?.files.extractor.sha256) return before;
  console.log(`evaluating ${generated.count} images of ${model}`);
  const result = await verisim<EvaluationResult>(place, [
    'evaluate',
    ...['--real', path.join(place.out, 'holdout'), '--training', path.join(place.out, 'train')],
    ...['--synthetic', generated.folder, '--extractor', place.extractor],
  ]);
  await writeJson(file, result);
  return result;
}

/**
 * `benchmark` of each cell, kept for this machine, these weights and this number of repeats: what an interrupted comparison has timed
 * is not timed again. Timings belong to the state of the machine; `timeAgain` forgets them.
 */
export async function costsOf(
  measured: Measured[],
  { place, repeats, timeAgain }: { place: Place; repeats: number; timeAgain: boolean },
): Promise<BenchmarkResult[]> {
  const results: BenchmarkResult[] = [];
  const folder = path.join(place.out, 'costs');
  await mkdir(folder, { recursive: true });
  const machine = shortHash(JSON.stringify([os.cpus().map(({ model }) => model), os.hostname()]));
  for (const { cell, generated } of measured) {
    const { model, sampler, steps } = cell;
    const file = path.join(folder, `${model}-${generated.weights}-${sampler}-${steps}-r${repeats}-${machine}.json`);
    const before = timeAgain ? null : await readJson<BenchmarkResult>(file);
    if (before === null) console.log(`timing ${model}, ${sampler}, ${steps} steps`);
    const result =
      before ??
      (await verisim<BenchmarkResult>(place, [
        'benchmark',
        ...['--models', model, '--sampler', sampler, '--steps', `${steps}`, '--repeats', `${repeats}`],
      ]));
    if (before === null) await writeJson(file, result);
    results.push(result);
  }
  return results;
}

/** The first eight digits of the hash of every network that makes an image of noise. */
async function weightsOf(model: string): Promise<string> {
  const file = path.join(repositoryRoot, 'models', model, 'model.json');
  const manifest = await readJson<{ files: Partial<Record<'denoiser' | 'decoder', { sha256: string }>> }>(file);
  if (manifest === null) throw new Error(`${file} cannot be read; is ${model} installed?`);
  const { denoiser, decoder } = manifest.files;
  return [denoiser, decoder].flatMap((one) => (one === undefined ? [] : [one.sha256.slice(0, 8)])).join('-');
}

/** Of the tables of held-out and training images. */
async function realImagesOf({ out }: Place): Promise<string> {
  const tables = ['holdout', 'train'].map((split) => readFile(path.join(out, split, 'manifest.csv'), 'utf8'));
  return shortHash((await Promise.all(tables)).join('\n'));
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** One command of the application, with a data folder of its own below `out`. */
async function verisim<Result>({ out }: Place, args: string[]): Promise<Result> {
  const command = [path.join(repositoryRoot, 'main', 'cli', 'index.ts'), ...args, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    env: { ...process.env, VERISIM_HOME: path.join(out, 'home') },
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout) as Result;
}

async function readJson<Result>(file: string): Promise<Result | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Result);
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(`${file}.part`, JSON.stringify(value, null, 2));
  await rename(`${file}.part`, file);
}
