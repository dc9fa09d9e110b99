import { describe, expect, it } from 'vitest';
import type { Features } from '../../../main/evaluation/features.ts';
import { frechetDistance, frechetDistanceAtInfinity, rowsOf } from '../../../main/evaluation/frechet-distance.ts';
import { gaussianKernels, discrepancy, kernelDistance } from '../../../main/evaluation/kernel-distance.ts';
import { permutation, randomFrom } from '../../../main/evaluation/random.ts';
import { floorOf, halvesInterval, stratifiedHalves } from '../../../main/evaluation/resampling.ts';

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

  it('of small sets is far too large, and continued to endless sets near the truth', async () => {
    const a = cloud({ count: 300, dimension: 60, mean: 0, deviation: 1 });
    const b = cloud({ count: 300, dimension: 60, mean: 0.1, deviation: 1.2 });
    const truth = 60 * (0.01 + 0.04);
    expect(frechetDistance(a, b)).toBeGreaterThan(3 * truth);
    const continued = await frechetDistanceAtInfinity(a, b, { seed: 1 });
    expect(Math.abs((continued?.value ?? NaN) - truth)).toBeLessThan(0.5 * truth);
    const few: Features = { ...a, count: 65, values: Float64Array.from(a.values).subarray(0, 65 * 60) };
    expect(await frechetDistanceAtInfinity(few, b, { seed: 1 })).toBeNull();
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

  it('are as wide as theory says: ± 1.96 σ √(1/n + 1/m) for a difference of means', async () => {
    const synthetic = cloud({ count: 600, dimension: 1, mean: 0.3, deviation: 1 });
    const { low, high } = await halvesInterval(difference(synthetic), {
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

  it('give a patient of many images no better chance to come first than one of few', async () => {
    // Half of the images are of one patient each, half of patients with ten.
    const patients = Array.from({ length: 200 }, (_, row) => `${row < 100 ? row : 1000 + Math.floor(row / 10)}`);
    const shares: number[] = [];
    await halvesInterval((rows) => shares.push(rows.filter((row) => row >= 100).length / rows.length), {
      value: 0,
      realCount: 200,
      syntheticCount: 2,
      patients,
      repeats: 600,
      seed: 3,
    });
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });

  it('are the same for the same seed', async () => {
    const options = { value: 0, realCount: 401, syntheticCount: 300, repeats: 20, seed: 5 };
    const statistic = (a: Int32Array): number =>
      meanOf(
        real,
        a.filter((row) => row < 400),
      );
    expect(await halvesInterval(statistic, options)).toEqual(await halvesInterval(statistic, options));
    expect(new Set(permutation(100, randomFrom(3))).size).toBe(100);
  });
});

describe('halves of the real set', () => {
  const patients = Array.from({ length: 300 }, (_, row) =>
    row < 30 ? '' : `patient ${Math.floor(row / (row < 150 ? 2 : 7))}`,
  );
  const labels = patients.map((_, row) => (row < 150 ? 'normal' : 'ill'));

  it('share no patient, have the same number of each class, and are as large as was asked for', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [left, right] = stratifiedHalves({ patients, labels }, { most: 101, random: randomFrom(seed) });
      expect([left.length, right.length]).toEqual([101, 101]);
      const known = (rows: Int32Array) => [...rows].map((row) => patients[row]!).filter((patient) => patient !== '');
      expect(known(left).filter((patient) => new Set(known(right)).has(patient))).toEqual([]);
      const ill = (rows: Int32Array) => rows.filter((row) => labels[row] === 'ill').length;
      expect(ill(left)).toBe(ill(right));
    }
  });

  it('do not exist where all images are of one patient', async () => {
    const options = {
      patients: patients.map(() => 'the same'),
      labels,
      syntheticCount: 300,
      fewest: 5,
      repeats: 3,
      seed: 1,
    };
    expect(await floorOf({ among: () => 0, across: () => 0 }, options)).toBeNull();
  });
});

describe('the floor of a Fréchet distance on planted clouds', () => {
  const dimension = 12;
  /** Patients of a class lie round a centre of their own; the ill ones have five images each, the others one. */
  const people = (count: number, shift = 0): { features: Features; patients: string[]; labels: string[] } => {
    const rows: number[][] = [];
    const [patients, labels]: [string[], string[]] = [[], []];
    for (let person = 0; rows.length < count; person++) {
      const ill = person % 6 === 0;
      const centre = Array.from({ length: dimension }, () => 0.7 * normal() + (ill ? 2 : 0));
      for (let image = 0; image < (ill ? 5 : 1) && rows.length < count; image++) {
        rows.push(centre.map((value) => value + shift + 0.7 * normal()));
        patients.push(`${person}`);
        labels.push(ill ? 'ill' : 'normal');
      }
    }
    return { features: { values: rows.flat(), count, dimension }, patients, labels };
  };
  const real = people(872);
  const measure = async (other: Features) => {
    const against = (set: Features) => (a: Int32Array, b: Int32Array) =>
      frechetDistance(rowsOf(real.features, a), rowsOf(set, b));
    return {
      whole: frechetDistance(real.features, other),
      floor: (await floorOf(
        { among: against(real.features), across: against(other) },
        { ...real, syntheticCount: other.count, fewest: 20, repeats: 30, seed: 4 },
      ))!,
    };
  };

  it('is what a perfect generator gets at the same n, though of all its images it gets less', async () => {
    const { whole, floor } = await measure(people(400).features);
    expect(floor.n).toBeGreaterThan(380);
    expect(whole).toBeLessThan(floor.value);
    expect(Math.abs(floor.excess.value)).toBeLessThan(0.35 * floor.value);
    expect(floor.excess.low).toBeLessThan(0);
    expect(floor.excess.high).toBeGreaterThan(0);
  });

  it('is passed by a generator that is half a deviation off in each feature', async () => {
    const { floor } = await measure(people(400, 0.5).features);
    expect(floor.excess.low).toBeGreaterThan(0);
    // The closed form of the shift: 12 × 0.5².
    expect(Math.abs(floor.excess.value - 3)).toBeLessThan(1);
  });
});
