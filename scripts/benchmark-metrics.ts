import { frechetDistance } from '../main/evaluation/frechet-distance.ts';
import type { Features } from '../main/evaluation/features.ts';
import { neighbourhoods } from '../main/evaluation/neighbourhoods.ts';
import { precisionRecall } from '../main/evaluation/precision-recall.ts';
import { randomFrom } from '../main/evaluation/random.ts';

/**
 * `node scripts/benchmark-metrics.ts [--small]`: how long the two dearest measures take and the memory they need: FID of 2 × 5,000 × 2,048
 * features, precision and recall of 2 × 10,000 × 512.
 */
const small = process.argv.includes('--small');
const random = randomFrom(1);

function cloud(count: number, dimension: number, shift: number): Features {
  const values = new Float64Array(count * dimension);
  for (let i = 0; i < values.length; i++) values[i] = shift + random() + random() + random() - 1.5;
  return { values, count, dimension };
}

function timed<Value>(name: string, work: () => Value): Value {
  const started = performance.now();
  const value = work();
  const seconds = (performance.now() - started) / 1000;
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`${name}: ${seconds.toFixed(1)} s, peak ${peak.toFixed(0)} MB, ${JSON.stringify(value)}`);
  return value;
}

const [rows, width] = small ? [600, 256] : [5000, 2048];
{
  const [a, b] = [cloud(rows, width, 0), cloud(rows, width, 0.02)];
  timed(`FID, 2 × ${rows} × ${width}`, () => frechetDistance(a, b));
}
const [many, few] = small ? [1200, 64] : [10_000, 512];
{
  const [a, b] = [cloud(many, few, 0), cloud(many, few, 0.02)];
  timed(`Precision and recall, 2 × ${many} × ${few}`, () => precisionRecall(neighbourhoods(a, b, 3)));
}
