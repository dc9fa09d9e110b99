import { afterAll, describe, expect, it, vi } from 'vitest';
import { openMatrixProducts } from '../../../main/engine/matrix-product.ts';
import { densityCoverage } from '../../../main/evaluation/density-coverage.ts';
import type { Features } from '../../../main/evaluation/features.ts';
import { frechetDistance } from '../../../main/evaluation/frechet-distance.ts';
import { frechetDistanceOfMany, manifoldOfMany } from '../../../main/evaluation/large-sets.ts';
import { neighbourhoods } from '../../../main/evaluation/neighbourhoods.ts';
import { precisionRecall } from '../../../main/evaluation/precision-recall.ts';
import { randomFrom } from '../../../main/evaluation/random.ts';
import { measureFeatures } from '../../../main/handlers/evaluate-measures.ts';
import { goldenCases } from './golden.ts';

// A loaded machine takes many times as long.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const products = openMatrixProducts();
afterAll(() => products.release());
const random = randomFrom(17);
const cloud = (count: number, dimension: number, shift = 0): Features => ({
  values: Float64Array.from({ length: count * dimension }, () => shift + random() + random() + random() - 1.5),
  count,
  dimension,
});

describe('products of large matrices', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('transposed left %s, right %s, are those of the sums', async (transposeLeft, transposeRight) => {
    const [rows, inner, columns] = [3, 4, 2];
    const [a, b] = [rows * inner, inner * columns].map((length) => Float64Array.from({ length }, () => random()));
    const found = await products.multiply(a!, b!, { rows, inner, columns, transposeLeft, transposeRight });
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++)
          sum +=
            a![transposeLeft ? k * rows + i : i * inner + k]! * b![transposeRight ? j * inner + k : k * columns + j]!;
        expect(found[i * columns + j]).toBeCloseTo(sum, 12);
      }
  });
});

describe('the ways for large sets give the same numbers as the plain ones', () => {
  const [real, synthetic] = [cloud(300, 40), cloud(260, 40, 0.1)];

  it('Fréchet distance', async () => {
    const plain = frechetDistance(real, synthetic);
    expect(Math.abs((await frechetDistanceOfMany(real, synthetic, products.multiply)) / plain - 1)).toBeLessThan(1e-9);
  });

  it('precision, recall, density and coverage, also over the borders of tiles', async () => {
    const [many, others] = [cloud(1150, 6), cloud(1020, 6, 0.2)];
    const found = await manifoldOfMany(many, others, { near: 3, dense: 5, multiply: products.multiply });
    expect(found).toEqual({
      ...precisionRecall(neighbourhoods(many, others, 3)),
      ...densityCoverage(neighbourhoods(many, others, 5)),
    });
  });

  it('the golden cases of the reference package', async () => {
    interface Case {
      n: number;
      m: number;
      d: number;
      real: number[];
      fake: number[];
      fid: number;
      prdc_k3?: { precision: number; recall: number };
      prdc_k5?: { density: number; coverage: number };
    }
    let compared = 0;
    for (const { n, m, d, real: a, fake, fid, prdc_k3, prdc_k5 } of goldenCases<Case>('distribution')) {
      const sets = [
        { values: a, count: n, dimension: d },
        { values: fake, count: m, dimension: d },
      ] as const;
      expect(await frechetDistanceOfMany(...sets, products.multiply)).toBeCloseTo(fid, 7);
      if (prdc_k3 === undefined || prdc_k5 === undefined) continue;
      const found = await manifoldOfMany(...sets, { near: 3, dense: 5, multiply: products.multiply });
      for (const name of ['precision', 'recall'] as const) expect(found[name]).toBeCloseTo(prdc_k3[name], 8);
      for (const name of ['density', 'coverage'] as const) expect(found[name]).toBeCloseTo(prdc_k5[name], 8);
      compared++;
    }
    expect(compared).toBeGreaterThan(0);
  });

  it('a set of more images than a table can hold is measured whole, its interval on a part', async () => {
    const [many, others] = [cloud(330, 4), cloud(310, 4, 0.3)];
    const options = {
      patients: Array.from({ length: 330 }, () => ''),
      labels: Array.from({ length: 330 }, () => ''),
      repeats: 2,
      extractor: 'test',
      multiply: products.multiply,
      mostForTables: 200,
      onPart: () => undefined,
    };
    const { precision, kid } = await measureFeatures(many, others, options);
    expect(precision.n).toEqual({ real: 330, synthetic: 310 });
    expect(precision.note).toContain('parts of 200 and 200');
    expect(precision.low).toBeLessThanOrEqual(precision.value!);
    expect(kid.note).toContain('drawn at random');
  });
});
