import { describe, expect, it } from 'vitest';
import type { Features } from '../../../main/evaluation/features.ts';
import { frechetDistance, frechetDistanceAtInfinity } from '../../../main/evaluation/frechet-distance.ts';
import { gaussianKernels, discrepancy, kernelDistance } from '../../../main/evaluation/kernel-distance.ts';
import { permutation, randomFrom } from '../../../main/evaluation/random.ts';
import { floorOf, halvesInterval } from '../../../main/evaluation/resampling.ts';

const random = randomFrom(7);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Independent normal features with one mean and deviation each. */
function cloud({
  count,
  dimension,
  mean,
  deviation,
}: {
  count: number;
  dimension: number;
  mean: number;
  deviation: number;
}): Features {
  const values = Float64Array.from({ length: count * dimension }, () => mean + deviation * normal());
  return { values, count, dimension };
}

describe('Fréchet distance', () => {
  it('of two clouds comes to the closed form Σ (Δμ² + Δσ²) as they grow', () => {
    const a = cloud({ count: 8000, dimension: 6, mean: 0, deviation: 1 });
    const b = cloud({ count: 8000, dimension: 6, mean: 0.5, deviation: 1.5 });
    expect(frechetDistance(a, b)).toBeCloseTo(6 * (0.25 + 0.25), 0);
    expect(Math.abs(frechetDistance(a, b) - 3)).toBeLessThan(0.15);
  });

  it('of small sets is far too large, and continued to endless sets near the truth', () => {
    const a = cloud({ count: 300, dimension: 60, mean: 0, deviation: 1 });
    const b = cloud({ count: 300, dimension: 60, mean: 0.1, deviation: 1.2 });
    const truth = 60 * (0.01 + 0.04);
    expect(frechetDistance(a, b)).toBeGreaterThan(3 * truth);
    const continued = frechetDistanceAtInfinity(a, b, { seed: 1 });
    expect(Math.abs((continued?.value ?? NaN) - truth)).toBeLessThan(0.5 * truth);
    const few: Features = { ...a, count: 65, values: Float64Array.from(a.values).subarray(0, 65 * 60) };
    expect(frechetDistanceAtInfinity(few, b, { seed: 1 })).toBeNull();
  });
});

describe('kernel discrepancies', () => {
  it('of sets from one source lie round 0 and of shifted ones above', () => {
    const [a, b, c] = [0, 0, 0.7].map((mean) => cloud({ count: 200, dimension: 10, mean, deviation: 1 })) as [
      Features,
      Features,
      Features,
    ];
    for (const distance of [kernelDistance, (x: Features, y: Features) => discrepancy(gaussianKernels(x, y))]) {
      expect(Math.abs(distance(a, b))).toBeLessThan(0.2 * distance(a, c));
    }
  });
});

describe('intervals from random halves', () => {
  const real = cloud({ count: 400, dimension: 1, mean: 0, deviation: 1 });
  const difference = (synthetic: Features) => (a: Int32Array, b: Int32Array) => meanOf(synthetic, b) - meanOf(real, a);
  const meanOf = ({ values }: Features, rows: Int32Array): number =>
    rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;

  it('are as wide as theory says: ± 1.96 σ √(1/n + 1/m) for a difference of means', () => {
    const synthetic = cloud({ count: 600, dimension: 1, mean: 0.3, deviation: 1 });
    const { low, high } = halvesInterval(difference(synthetic), {
      value: 0.3,
      realCount: 400,
      syntheticCount: 600,
      repeats: 2000,
      seed: 1,
    });
    const theory = 2 * 1.96 * Math.sqrt(1 / 400 + 1 / 600);
    expect((high - low) / theory).toBeGreaterThan(0.88);
    expect((high - low) / theory).toBeLessThan(1.12);
  });

  it('and floors are the same for the same seed, and halves have no image in common', () => {
    const options = { realCount: 401, repeats: 20, seed: 5 };
    const statistic = (a: Int32Array, b: Int32Array): number => {
      expect(new Set([...a, ...b]).size).toBe(400);
      return (
        meanOf(
          real,
          a.filter((row) => row < 400),
        ) -
        meanOf(
          real,
          b.filter((row) => row < 400),
        )
      );
    };
    expect(floorOf(statistic, options)).toEqual(floorOf(statistic, options));
    expect(new Set(permutation(100, randomFrom(3))).size).toBe(100);
  });

  it('keep the images of a known patient on one side of a floor, but for the patient at the cut', () => {
    const patients = Array.from({ length: 100 }, (_, row) => (row < 10 ? '' : `patient ${Math.floor(row / 5)}`));
    const statistic = (a: Int32Array, b: Int32Array): number => {
      const left = new Set(Array.from(a, (row) => patients[row]!).filter((patient) => patient !== ''));
      const shared = Array.from(b, (row) => patients[row]!).filter((patient) => left.has(patient));
      expect(new Set(shared).size).toBeLessThanOrEqual(1);
      expect(new Set([...a, ...b]).size).toBe(100);
      return 0;
    };
    floorOf(statistic, { realCount: 100, patients, repeats: 30, seed: 2 });
  });
});
