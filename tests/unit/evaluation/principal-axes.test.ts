import { describe, expect, it } from 'vitest';
import type { Features } from '../../../main/evaluation/features.ts';
import { gradientDeviation } from '../../../main/evaluation/gradient-similarity.ts';
import { principalAxes } from '../../../main/evaluation/principal-axes.ts';
import { randomFrom } from '../../../main/evaluation/random.ts';
import { symmetricEigenvalues } from '../../../main/evaluation/symmetric-eigen.ts';

describe('principal axes', () => {
  const random = randomFrom(5);
  const [count, dimension] = [60, 12];
  const scales = Array.from({ length: dimension }, (_, k) => 3 / (k + 1));
  const set: Features = {
    values: Float64Array.from({ length: count * dimension }, (_, i) => scales[i % dimension]! * (random() - 0.5)),
    count,
    dimension,
  };

  it('hold the shares of the variance that the eigenvalues of the covariance have', () => {
    const mean = Array.from({ length: dimension }, (_, k) => {
      let sum = 0;
      for (let row = 0; row < count; row++) sum += set.values[row * dimension + k]! / count;
      return sum;
    });
    const covariance = new Float64Array(dimension * dimension);
    for (let row = 0; row < count; row++)
      for (let i = 0; i < dimension; i++)
        for (let j = 0; j < dimension; j++)
          covariance[i * dimension + j]! +=
            (set.values[row * dimension + i]! - mean[i]!) * (set.values[row * dimension + j]! - mean[j]!);
    const values = [...symmetricEigenvalues(covariance, dimension)].sort((a, b) => b - a);
    const total = values.reduce((sum, value) => sum + value, 0);
    const { shares } = principalAxes(set, { count: 3, seed: 1 });
    for (let axis = 0; axis < 3; axis++) expect(shares[axis]).toBeCloseTo(values[axis]! / total, 4);
  });

  it('of images on one line are one', () => {
    const line: Features = { values: [0, 0, 1, 2, 2, 4, 3, 6], count: 4, dimension: 2 };
    const { shares, coordinates } = principalAxes(line, { count: 2, seed: 1 });
    expect(shares[0]).toBeCloseTo(1, 12);
    expect(Math.abs(coordinates.values[0]! - coordinates.values[6]!)).toBeCloseTo(3 * Math.sqrt(5), 10);
  });
});

it('the gradient deviation is 0 for the same image and grows with blur', () => {
  const size = { width: 16, height: 16 };
  const image = Float64Array.from({ length: 256 }, (_, i) => (((i % 16) + Math.floor(i / 16)) % 5) / 5);
  const blurred = image.map((value, i) => (value + (image[i - 1] ?? value) + (image[i + 1] ?? value)) / 3);
  expect(gradientDeviation(image, image, size)).toBe(0);
  expect(gradientDeviation(image, blurred, size)).toBeGreaterThan(0.01);
});
