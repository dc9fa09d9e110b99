import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { firstOrder } from '../../../main/evaluation/radiomics/first-order.ts';
import { glcm } from '../../../main/evaluation/radiomics/glcm.ts';
import { glrlm } from '../../../main/evaluation/radiomics/glrlm.ts';
import { glszm } from '../../../main/evaluation/radiomics/glszm.ts';
import { ngtdm } from '../../../main/evaluation/radiomics/ngtdm.ts';
import { type Binning, discretise } from '../../../main/evaluation/radiomics/region.ts';

interface RadiomicsCase {
  name: string;
  shape: [number, number];
  image: number[];
  mask: number[];
  settings: { binWidth?: number; binCount?: number };
  features: Record<'firstorder' | 'glcm' | 'glrlm' | 'glszm' | 'ngtdm', Record<string, number>>;
}

const { cases } = JSON.parse(readFileSync('tests/golden/radiomics.json', 'utf8')) as { cases: RadiomicsCase[] };

const regionOf = ({ shape: [height, width], image, mask, settings }: RadiomicsCase) => {
  const binning: Binning =
    settings.binWidth === undefined ? { count: settings.binCount ?? 0 } : { width: settings.binWidth };
  return discretise(image, { mask, binning, width, height });
};

describe.each(cases)('radiomics of $name follow PyRadiomics', (golden) => {
  const region = regionOf(golden);
  it.each([
    ['firstorder', () => firstOrder(golden.image, region)],
    ['glcm', () => glcm(region)],
    ['glrlm', () => glrlm(region)],
    ['glszm', () => glszm(region)],
    ['ngtdm', () => ngtdm(region)],
  ] as const)('%s', (family, compute) => {
    const found = compute();
    const expected = golden.features[family];
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    // The golden values have ten significant digits.
    for (const [name, value] of Object.entries(expected))
      expect(Math.abs(found[name]! - value) / Math.max(1e-9, Math.abs(value)), name).toBeLessThan(1e-6);
  });
});

describe('radiomics of degenerate regions', () => {
  it('of one level are finite', () => {
    const region = discretise(new Float64Array(64).fill(3), {
      mask: null,
      binning: { count: 8 },
      width: 8,
      height: 8,
    });
    for (const features of [
      firstOrder(new Float64Array(64).fill(3), region),
      glcm(region),
      glrlm(region),
      glszm(region),
      ngtdm(region),
    ])
      for (const value of Object.values(features)) expect(Number.isFinite(value)).toBe(true);
  });

  it('refuse an empty mask', () => {
    expect(() => discretise([1, 2], { mask: [0, 0], binning: { count: 2 }, width: 2, height: 1 })).toThrow(/no pixel/);
  });
});
