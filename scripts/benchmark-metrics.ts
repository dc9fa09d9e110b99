import { openMatrixProducts } from '../main/engine/matrix-product.ts';
import type { Features } from '../main/evaluation/features.ts';
import { frechetDistanceOfMany, manifoldOfMany } from '../main/evaluation/large-sets.ts';
import { randomFrom } from '../main/evaluation/random.ts';

/**
 * `node scripts/benchmark-metrics.ts [--small]`: time, processor time and memory of the two dearest measures: FID of 2 × 5,000 × 2,048
 * features, precision and recall of 2 × 10,000 × 512. On a machine that does other work the processor time says more than the clock.
 */
const small = process.argv.includes('--small');
const random = randomFrom(1);

function cloud(count: number, dimension: number, shift: number): Features {
  const values = new Float64Array(count * dimension);
  for (let i = 0; i < values.length; i++) values[i] = shift + random() + random() + random() - 1.5;
  return { values, count, dimension };
}

async function timed<Value>(name: string, work: () => Promise<Value>): Promise<void> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const processor = (user + system) / 1e6;
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${name}: ${seconds.toFixed(1)} s by the clock, ${processor.toFixed(1)} s of processor, peak ${peak.toFixed(0)} MB, ${JSON.stringify(value)}`,
  );
}

const products = openMatrixProducts();
const [rows, width] = small ? [600, 256] : [5000, 2048];
await timed(`FID, 2 × ${rows} × ${width}`, () =>
  frechetDistanceOfMany(cloud(rows, width, 0), cloud(rows, width, 0.02), products.multiply),
);
const [many, few] = small ? [1200, 64] : [10_000, 512];
await timed(`Precision, recall, density, coverage, 2 × ${many} × ${few}`, () =>
  manifoldOfMany(cloud(many, few, 0), cloud(many, few, 0.02), { near: 3, dense: 5, multiply: products.multiply }),
);
await products.release();
