import { describe, expect, it } from 'vitest';
import { differenceMap } from '../../../main/evaluation/difference.ts';
import { histogramPair } from '../../../main/evaluation/histogram.ts';
import { meanAbsoluteError, meanSquaredError, psnr, ssim } from '../../../main/evaluation/similarity.ts';
import { goldenCases } from './golden.ts';

interface SimilarityCase {
  shape: [number, number];
  a: number[];
  b: number[];
  psnr: number;
  ssimGaussian: number;
  ssimUniform7: number;
  mse: number;
  mae: number;
}

const cases = goldenCases<SimilarityCase>('similarity');

describe('similarity follows scikit-image', () => {
  it('has cases to follow', () => expect(cases.length).toBeGreaterThan(0));

  it.each(cases)('$shape', (golden) => {
    const [height, width] = golden.shape;
    const pair = { left: golden.a, right: golden.b, width, height };
    // The golden values are rounded to nine decimals.
    expect(psnr(golden.a, golden.b)).toBeCloseTo(golden.psnr, 8);
    expect(ssim(pair)).toBeCloseTo(golden.ssimGaussian, 8);
    expect(ssim(pair, { window: 'uniform' })).toBeCloseTo(golden.ssimUniform7, 8);
    expect(meanSquaredError(golden.a, golden.b)).toBeCloseTo(golden.mse, 8);
    expect(meanAbsoluteError(golden.a, golden.b)).toBeCloseTo(golden.mae, 8);
  });

  it('an image equals itself: SSIM 1, error 0, infinite PSNR', () => {
    const { a, shape } = cases[0]!;
    expect(ssim({ left: a, right: a, width: shape[1], height: shape[0] })).toBeCloseTo(1, 12);
    expect(meanAbsoluteError(a, a)).toBe(0);
    expect(psnr(a, a)).toBe(Infinity);
  });

  it('values in another unit give the same SSIM and PSNR with their own range', () => {
    const { a, b, shape } = cases[0]!;
    const scaled = (values: number[]) => values.map((value) => value * 4095);
    const pair = { left: a, right: b, width: shape[1], height: shape[0] };
    const inUnits = { ...pair, left: scaled(a), right: scaled(b) };
    expect(ssim(inUnits, { dataRange: 4095 })).toBeCloseTo(ssim(pair), 12);
    expect(psnr(inUnits.left, inUnits.right, 4095)).toBeCloseTo(psnr(a, b), 10);
  });

  it('refuses an image smaller than the window and images of different size', () => {
    const small = new Float32Array(100);
    expect(() => ssim({ left: small, right: small, width: 10, height: 10 })).toThrow(/at least 11 by 11/);
    expect(() => meanAbsoluteError([1, 2], [1])).toThrow(/same number of pixels/);
  });
});

describe('histogram and difference', () => {
  it('counts like numpy.histogram: left edges belong to their bin, the last bin is closed', () => {
    const { edges, left, right } = histogramPair([0, 1, 1, 2, 4], [3, 3.5, 4, Number.NaN], 4);
    expect(edges).toEqual([0, 1, 2, 3, 4]);
    expect(left).toEqual([1, 2, 1, 1]);
    expect(right).toEqual([0, 0, 0, 3]);
  });

  it('every finite value is counted once, also where an edge cannot be written exactly', () => {
    const values = Array.from({ length: 1001 }, (_, i) => i / 1000);
    const { left } = histogramPair(values, values, 7);
    expect(left.reduce((sum, count) => sum + count, 0)).toBe(1001);
  });

  it('a constant pair gets a span of one', () => {
    expect(histogramPair([5, 5], [5], 2)).toEqual({ edges: [4.5, 5, 5.5], left: [0, 2], right: [0, 1] });
  });

  it('the difference is right minus left', () => {
    expect([...differenceMap([1, 2], [3, 1])]).toEqual([2, -1]);
  });
});
