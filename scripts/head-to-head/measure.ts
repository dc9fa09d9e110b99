import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BenchmarkResult } from '../../preload/benchmark.ts';
import type { EvaluationResult } from '../../preload/evaluation.ts';
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
  const name = `${model}-${await weightsOf(model)}-${sampler}-${steps}-w${place.guidance}-s${place.seed}`;
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
        await cp(path.join(chunk, file), path.join(folder, `${className}-${seed}-${file}`), { force: false });
      process.stdout.write(`\r${images} images`);
    }
  process.stdout.write('\n');
  return { folder, count: images, secondsPerImage: seconds / images };
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

/** `evaluate`, kept beside the images; done again where the extractor is another. */
export async function evaluateCell(
  { model }: Cell,
  { place, generated }: { place: Place; generated: Generated },
): Promise<EvaluationResult> {
  const file = `${generated.folder}-${place.extractor}.json`;
  const manifest = await readJson<{ files: { extractor: { sha256: string } } }>(
    path.join(repositoryRoot, 'models', place.extractor, 'model.json'),
  );
  const before = await readJson<EvaluationResult>(file);
  if (before !== null && before.extractor.sha256 === manifest?.files.extractor.sha256) return before;
  console.log(`evaluating ${generated.count} images of ${model}`);
  const result = await verisim<EvaluationResult>(place, [
    'evaluate',
    ...['--real', path.join(place.out, 'holdout'), '--training', path.join(place.out, 'train')],
    ...['--synthetic', generated.folder, '--extractor', place.extractor],
  ]);
  await writeJson(file, result);
  return result;
}

/** `benchmark` of each pack and way of sampling, with nothing of it remembered: timings belong to the state of the machine. */
export async function costsOf(
  cells: Cell[],
  { place, repeats }: { place: Place; repeats: number },
): Promise<BenchmarkResult[]> {
  const results: BenchmarkResult[] = [];
  const ways = [...new Set(cells.map(({ sampler, steps }) => `${sampler}:${steps}`))];
  for (const way of ways) {
    const [sampler = '', steps = ''] = way.split(':');
    const models = cells.filter((cell) => `${cell.sampler}:${cell.steps}` === way).map(({ model }) => model);
    results.push(
      await verisim<BenchmarkResult>(place, [
        'benchmark',
        ...['--models', models.join(','), '--sampler', sampler, '--steps', steps, '--repeats', `${repeats}`],
      ]),
    );
  }
  return results;
}

/** The first eight digits of the denoiser's hash. */
async function weightsOf(model: string): Promise<string> {
  const file = path.join(repositoryRoot, 'models', model, 'model.json');
  const manifest = await readJson<{ files: { denoiser: { sha256: string } } }>(file);
  if (manifest === null) throw new Error(`${file} cannot be read; is ${model} installed?`);
  return manifest.files.denoiser.sha256.slice(0, 8);
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
