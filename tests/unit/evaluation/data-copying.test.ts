import { describe, expect, it } from 'vitest';
import { authenticShare, dataCopyingScore, rankSumZ } from '../../../main/evaluation/data-copying.ts';
import type { Features } from '../../../main/evaluation/features.ts';
import { randomFrom } from '../../../main/evaluation/random.ts';

const dimension = 8;
const random = randomFrom(21);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const cloud = (count: number, deviation = 1): Features => ({
  values: Float64Array.from({ length: count * dimension }, () => deviation * normal()),
  count,
  dimension,
});
const nearly = ({ values, count }: Features, noise: number): Features => ({
  values: Float64Array.from(values, (value) => value + noise * normal()),
  count,
  dimension,
});
const options = { cells: 4, fewest: 20, seed: 3 };

describe('data copying', () => {
  const training = cloud(400);
  const heldOut = cloud(400);

  it('is not seen in new images: C_T round 0, about half of them authentic', () => {
    const synthetic = cloud(400);
    expect(Math.abs(dataCopyingScore({ training, heldOut, synthetic }, options)!.value)).toBeLessThan(2.5);
    expect(Math.abs(authenticShare(training, synthetic) - 0.5)).toBeLessThan(0.2);
  });

  it('is seen in near copies: C_T far below 0, none of them authentic', () => {
    const synthetic = nearly(training, 0.05);
    expect(dataCopyingScore({ training, heldOut, synthetic }, options)!.value).toBeLessThan(-5);
    expect(authenticShare(training, synthetic)).toBeLessThan(0.02);
  });

  it('has the opposite sign where images lie farther out than real ones', () => {
    expect(dataCopyingScore({ training, heldOut, synthetic: cloud(400, 1.6) }, options)!.value).toBeGreaterThan(5);
  });

  it('is not judged where no cell holds enough images', () => {
    expect(dataCopyingScore({ training, heldOut, synthetic: cloud(12) }, options)).toBeNull();
  });

  it('the z score of two samples is that of the normal approximation: U = 2 of 6 pairs', () => {
    // U = 2, mean 3, variance 2·3·6/12 = 3.
    expect(rankSumZ([1, 4], [2, 3, 5])).toBeCloseTo((2 - 3) / Math.sqrt(3), 12);
  });
});
