import { describe, expect, it } from 'vitest';
import { densityCoverage } from '../../../main/evaluation/density-coverage.ts';
import type { Features } from '../../../main/evaluation/features.ts';
import { frechetDistance } from '../../../main/evaluation/frechet-distance.ts';
import { kernelDistance } from '../../../main/evaluation/kernel-distance.ts';
import { multiScaleSsim } from '../../../main/evaluation/multi-scale-similarity.ts';
import { neighbourhoods } from '../../../main/evaluation/neighbourhoods.ts';
import { precisionRecall } from '../../../main/evaluation/precision-recall.ts';
import { symmetricEigen } from '../../../main/evaluation/symmetric-eigen.ts';
import { goldenCases } from './golden.ts';

interface Manifold {
  precision: number;
  recall: number;
  density: number;
  coverage: number;
}
interface DistributionCase {
  n: number;
  m: number;
  d: number;
  real: number[];
  fake: number[];
  fid: number;
  kidUnbiasedFull: number;
  [prdc: `prdc_k${number}`]: Manifold;
}

const cases = goldenCases<DistributionCase>('distribution');
const setsOf = ({ n, m, d, real, fake }: DistributionCase): [Features, Features] => [
  { values: real, count: n, dimension: d },
  { values: fake, count: m, dimension: d },
];

describe.each(cases)('$n real and $m synthetic images with $d features', (golden) => {
  const [real, synthetic] = setsOf(golden);

  it('have the Fréchet distance of scipy and the kernel distance of the reference', () => {
    // The golden values are rounded to nine decimals.
    expect(frechetDistance(real, synthetic)).toBeCloseTo(golden.fid, 8);
    expect(kernelDistance(real, synthetic)).toBeCloseTo(golden.kidUnbiasedFull, 8);
  });

  it.each(Object.keys(golden).filter((key) => key.startsWith('prdc_k')))(
    'have the %s of the reference package',
    (key) => {
      const expected = golden[key as `prdc_k${number}`]!;
      const sets = neighbourhoods(real, synthetic, Number(key.slice('prdc_k'.length)));
      const found = { ...precisionRecall(sets), ...densityCoverage(sets) };
      for (const name of ['precision', 'recall', 'density', 'coverage'] as const)
        expect(found[name]).toBeCloseTo(expected[name], 8);
    },
  );

  it('are at Fréchet distance 0 from themselves, and as far forth as back', () => {
    expect(frechetDistance(real, real)).toBeCloseTo(0, 9);
    expect(frechetDistance(synthetic, real)).toBeCloseTo(frechetDistance(real, synthetic), 9);
  });
});

describe('distribution metrics', () => {
  it('have cases to follow', () => expect(cases.length).toBeGreaterThan(0));

  it('stay finite where a set has fewer images than features', () => {
    const [real, synthetic] = setsOf(cases[0]!);
    const cut: Features = {
      ...real,
      count: 5,
      values: Array.from({ length: 5 * real.dimension }, (_, i) => real.values[i]!),
    };
    expect(frechetDistance(cut, synthetic)).toBeGreaterThan(0);
    expect(() => frechetDistance({ ...real, count: 5 }, synthetic)).toThrow(/not 5 rows/);
    expect(() => neighbourhoods(cut, synthetic, 5)).toThrow(/at least 6 images/);
  });

  it('the eigenvectors rebuild the matrix and are orthonormal', () => {
    const size = 24;
    const source = cases.flatMap(({ real }) => real);
    const matrix = Float64Array.from({ length: size * size }, (_, i) => {
      const [row, column] = [Math.floor(i / size), i % size];
      return source[Math.max(row, column) * 40 + Math.min(row, column)]!;
    });
    const { values, vectors } = symmetricEigen(matrix, size);
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++) {
        let rebuilt = 0;
        let product = 0;
        for (let k = 0; k < size; k++) {
          rebuilt += values[k]! * vectors[k * size + row]! * vectors[k * size + column]!;
          product += vectors[row * size + k]! * vectors[column * size + k]!;
        }
        expect(rebuilt).toBeCloseTo(matrix[row * size + column]!, 12);
        expect(product).toBeCloseTo(row === column ? 1 : 0, 12);
      }
  });
});

describe('multi-scale SSIM follows torchmetrics', () => {
  it.each(goldenCases<{ shape: [number, number]; a: number[]; b: number[]; value: number }>('msssim'))(
    '$shape',
    ({ shape: [height, width], a, b, value }) => {
      // The reference computes in float32.
      expect(multiScaleSsim({ left: a, right: b, width, height })).toBeCloseTo(value, 5);
      expect(multiScaleSsim({ left: a, right: a, width, height })).toBeCloseTo(1, 12);
    },
  );

  it('refuses images that five scales would use up', () => {
    const small = new Float32Array(128 * 128);
    expect(() => multiScaleSsim({ left: small, right: small, width: 128, height: 128 })).toThrow(/176 by 176/);
  });
});
