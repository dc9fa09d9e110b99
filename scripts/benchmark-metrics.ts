import { openMatrixProducts } from '../main/engine/matrix-product.ts';
import { findExtractor } from '../main/engine/extractor-packs.ts';
import { openExtractor } from '../main/engine/extractor-session.ts';
import type { Features } from '../main/evaluation/features.ts';
import { frechetDistanceOfMany, manifoldOfMany } from '../main/evaluation/large-sets.ts';
import { randomFrom } from '../main/evaluation/random.ts';
import { builtInPacks } from '../main/handlers/models.ts';
import { repositoryRoot } from './repository.ts';
import { runCommand } from './run-command.ts';

/**
 * `node scripts/benchmark-metrics.ts [--small]`: seconds, processor time and peak memory, each in a process of its own, of FID of
 * 2 × 5,000 × 2,048 features, of precision, recall, density and coverage of 2 × 10,000 × 512, and of 1,000 images through each extractor.
 * On a machine that does other work the processor time says more than the clock.
 */
const small = process.argv.includes('--small');
const random = randomFrom(1);

interface Measured {
  name: string;
  seconds: number;
  processorSeconds: number;
  value: unknown;
}

const tasks: Record<string, () => Promise<Measured>> = {
  async fid() {
    const [rows, width] = small ? [600, 256] : [5000, 2048];
    const sets = [cloud(rows, width, 0), cloud(rows, width, 0.02)] as const;
    return withProducts((multiply) =>
      timed(`FID, 2 × ${rows} × ${width}`, () => frechetDistanceOfMany(...sets, multiply)),
    );
  },
  async manifold() {
    const [rows, width] = small ? [1200, 64] : [10_000, 512];
    const sets = [cloud(rows, width, 0), cloud(rows, width, 0.02)] as const;
    return withProducts((multiply) =>
      timed(`Precision, recall, density, coverage, 2 × ${rows} × ${width}`, () =>
        manifoldOfMany(...sets, { near: 3, dense: 5, multiply }),
      ),
    );
  },
  'extractor-chest-xray-128': () => extracted('extractor-chest-xray-128'),
  'extractor-brain-mri-128': () => extracted('extractor-brain-mri-128'),
};

const named = process.argv.find((argument) => argument.startsWith('--task='))?.slice('--task='.length);
const task = named === undefined ? undefined : tasks[named];
if (task !== undefined) {
  const { name, seconds, processorSeconds, value } = await task();
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${name}: ${seconds.toFixed(1)} s by the clock, ${processorSeconds.toFixed(1)} s of processor, peak ${peak.toFixed(0)} MB, ${JSON.stringify(value)}`,
  );
} else
  for (const one of Object.keys(tasks)) {
    const command = [import.meta.filename, `--task=${one}`, ...(small ? ['--small'] : [])];
    const { code } = await runCommand(process.execPath, command, { cwd: repositoryRoot });
    if (code !== 0) process.exitCode = code;
  }

async function withProducts<Value>(
  work: (multiply: ReturnType<typeof openMatrixProducts>['multiply']) => Promise<Value>,
): Promise<Value> {
  const products = openMatrixProducts();
  try {
    return await work(products.multiply);
  } finally {
    await products.release();
  }
}

/** Batch by batch, as an evaluation does; loading and a first batch are not counted. */
async function extracted(id: string): Promise<Measured> {
  const pack = await findExtractor([builtInPacks(repositoryRoot)], id);
  const session = await openExtractor(pack);
  const { width, height } = pack.manifest.image;
  const count = small ? 64 : 1000;
  const images = Array.from({ length: count }, () => Float32Array.from({ length: width * height }, random));
  await session.run(images.slice(0, session.batch));
  const measured = await timed(`${count} images through ${id}`, async () => {
    for (let first = 0; first < count; first += session.batch)
      await session.run(images.slice(first, first + session.batch));
    return { features: pack.manifest.width };
  });
  await session.release();
  return measured;
}

function cloud(count: number, dimension: number, shift: number): Features {
  const values = new Float64Array(count * dimension);
  for (let i = 0; i < values.length; i++) values[i] = shift + random() + random() + random() - 1.5;
  return { values, count, dimension };
}

async function timed(name: string, work: () => Promise<unknown>): Promise<Measured> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { name, seconds, processorSeconds: (user + system) / 1e6, value };
}
