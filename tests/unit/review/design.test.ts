import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../main/review/canonical-json.ts';
import { freezeDesign } from '../../../main/review/design.ts';
import { randomSource } from '../../../main/review/random.ts';

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}:${i}`);
const request = { title: 'Heads', seed: 7, realIds: ids('real', 90), syntheticIds: ids('run', 40), casesPerClass: 30 };

describe('a frozen design', () => {
  it('takes every image at most once, from its own set, as many of each class', () => {
    const { cases } = freezeDesign(request);
    expect(cases.map(({ position }) => position)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    for (const [truth, prefix] of [
      ['real', 'real:'],
      ['synthetic', 'run:'],
    ] as const) {
      const chosen = cases.filter((one) => one.truth === truth).map(({ imageId }) => imageId);
      expect(new Set(chosen).size).toBe(30);
      expect(chosen.every((imageId) => imageId.startsWith(prefix))).toBe(true);
    }
  });

  it('never shows more than four of one truth in a row, for any seed and size', () => {
    for (let seed = 0; seed < 200; seed++) {
      const casesPerClass = 1 + (seed % 40);
      const truths = freezeDesign({ ...request, seed, casesPerClass })
        .cases.map(({ truth }) => truth[0])
        .join('');
      expect(truths).not.toMatch(/r{5}|s{5}/);
      expect(truths.replaceAll('s', '').length).toBe(casesPerClass);
    }
  });

  it('is the same for the same sets and seed in whatever order they were listed, and another for another seed', () => {
    const first = canonicalJson(freezeDesign(request));
    const relisted = {
      ...request,
      realIds: request.realIds.toReversed(),
      syntheticIds: [...request.syntheticIds, 'run:3'],
    };
    expect(canonicalJson(freezeDesign(relisted))).toBe(first);
    expect(canonicalJson(freezeDesign({ ...request, seed: 8 }))).not.toBe(first);
  });

  it('either truth comes first, and second, about equally often', () => {
    const firsts = Array.from(
      { length: 1000 },
      (_, seed) => freezeDesign({ ...request, seed, casesPerClass: 5 }).cases,
    );
    for (const place of [0, 1, 9]) {
      const real = firsts.filter((cases) => cases[place]!.truth === 'real').length;
      // Five standard deviations of a fair coin.
      expect(Math.abs(real - 500)).toBeLessThan(80);
    }
  });

  it('says what is missing when a set is too small, or overlaps the other', () => {
    const wrong = (change: Partial<typeof request>) => () => freezeDesign({ ...request, ...change });
    expect(wrong({ casesPerClass: 41 })).toThrow(/41 synthetic images and the chosen set has 40/);
    expect(wrong({ syntheticIds: request.realIds })).toThrow(/in the real and in the synthetic set/);
    expect(wrong({ casesPerClass: 0 })).toThrow(/0 real images/);
  });
});

it('the random source is SplitMix64, as its authors’ reference program prints it for seed 1234567', () => {
  const { word } = randomSource(1_234_567);
  expect([word(), word(), word(), word(), word()]).toEqual([
    6457827717110365317n,
    3203168211198807973n,
    9817491932198370423n,
    4593380528125082431n,
    16408922859458223821n,
  ]);
});

it('canonical JSON is that of RFC 8785: sorted keys, no white space, numbers as ECMAScript writes them', () => {
  // Section 3.2.3 of the RFC, shortened.
  const sample = {
    numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27],
    string: '€$\u000f\nA',
    literals: [null, true, false],
  };
  expect(canonicalJson(sample)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA"}',
  );
  expect(() => canonicalJson({ value: Number.NaN })).toThrow(/NaN/);
});
