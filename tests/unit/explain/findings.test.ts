import { describe, expect, it } from 'vitest';
import { probeFindings, usefulnessFindings } from '../../../main/handlers/usefulness-findings.ts';
import type { AucValue, ProbeRow, UsefulnessResult } from '../../../preload/usefulness.ts';

type Measured = Parameters<typeof usefulnessFindings>[0];
const range = (low: number, high: number): AucValue => ({ value: (low + high) / 2, low, high });

/** `synthetic`, `both`: AUC less that of real images. */
function measured(
  { real = range(0.85, 0.9), synthetic = range(-0.02, 0.02), both = range(-0.02, 0.02) },
  { accuracy = range(0.7, 0.8), onReal = range(0.7, 0.8) } = {},
): Measured {
  const n = { real: 100, synthetic: 200 };
  const arm = (name: UsefulnessResult['arms'][number]['name'], againstReal: AucValue | null) => ({
    ...{ name, title: name, n, classAuc: [], againstReal },
    auc: range(real.low + (againstReal?.low ?? 0), real.high + (againstReal?.high ?? 0)),
  });
  return {
    labels: ['a', 'b', 'c'],
    n: { train: 100, synthetic: 200, test: 80, testPatients: 40 },
    arms: [arm('real', null), arm('synthetic', synthetic), arm('both', both)],
    curve: [
      { perReal: 0, synthetic: 0, auc: 0.87, smallest: 0.87, largest: 0.87, draws: 1 },
      { perReal: 1, synthetic: 100, auc: 0.88, smallest: 0.86, largest: 0.9, draws: 5 },
    ],
    agreement: { n: 200, accuracy, accuracyOnReal: onReal, kappa: 0.6, labels: ['a', 'b', 'c'], confusion: [] },
  };
}

describe('the plain words of a test of usefulness', () => {
  const words = (...facts: Parameters<typeof measured>) =>
    usefulnessFindings(measured(...facts)).map(({ word }) => word);

  it.each([
    [range(0.01, 0.05), 'better than real'],
    [range(-0.04, 0.03), 'as good as real'],
    [range(-0.2, -0.1), 'worse than real'],
    [range(-0.2, 0.1), 'cannot be told'],
  ])('synthetic instead of real, %j: %s', (synthetic, word) => {
    expect(words({ synthetic })[0]).toBe(word);
  });

  it.each([
    [range(0.01, 0.05), 'helps'],
    [range(-0.03, 0.03), 'no gain shown'],
    [range(-0.05, -0.01), 'harms'],
    [range(-0.2, 0.1), 'cannot be told'],
  ])('synthetic beside real, %j: %s', (both, word) => {
    expect(words({ both })[1]).toBe(word);
  });

  it.each([
    [range(0.7, 0.8), 'as in real images'],
    [range(0.3, 0.4), 'less clear than real'],
    [range(0.9, 0.95), 'clearer than real'],
  ])('the class of the synthetic ones, named rightly in %j: %s', (accuracy, word) => {
    expect(words({}, { accuracy })[2]).toBe(word);
  });

  it('says nothing where the classifier of real images is no better than chance', () => {
    const findings = usefulnessFindings(measured({ real: range(0.45, 0.6) }, { onReal: range(0.2, 0.4) }));
    expect(findings[0]).toMatchObject({ level: 'open', word: 'cannot be told' });
    expect(findings[2]).toMatchObject({ level: 'open', word: 'cannot be told' });
  });

  it('names the interval, the patients and the highest point of the curve as flattering', () => {
    const [instead, beside] = usefulnessFindings(measured({ synthetic: range(-0.2, -0.1) }));
    expect(instead!.evidence[0]).toContain('−0.150 (95 % −0.200 to −0.100)');
    expect(instead!.evidence[0]).toContain('80 real images of 40 patients');
    expect(beside!.evidence[1]).toContain('flattering');
  });
});

describe('the plain words of a probe', () => {
  const row = (kind: ProbeRow['kind'], auc: AucValue, againstPixels: AucValue | null): ProbeRow => ({
    ...{ kind, auc, againstPixels, title: kind, modelId: null, dimension: 64, classAuc: [] },
  });
  const wordOf = (difference: AucValue, { pixels = range(0.7, 0.8), pooled = range(0.5, 0.6) } = {}) => {
    const own = range(pixels.low + difference.low, pixels.high + difference.high);
    const rows = [
      row('pixels', pixels, null),
      row('latents', own, difference),
      row('pooled', pooled, range(-0.3, -0.1)),
    ];
    const findings = probeFindings(rows);
    expect(findings).toHaveLength(1);
    return findings[0]!.word;
  };

  it.each([
    [range(0.01, 0.1), 'more than pixels'],
    [range(-0.03, 0.03), 'as much as pixels'],
    [range(-0.2, -0.01), 'less than pixels'],
    [range(-0.2, 0.1), 'cannot be told'],
  ])('of latents, %j: %s', (difference, word) => {
    expect(wordOf(difference)).toBe(word);
  });

  it('gives no credit for what averaging to as few values does as well, nor where nothing is read at all', () => {
    expect(wordOf(range(0.01, 0.1), { pooled: range(0.9, 1) })).toBe('by size alone');
    expect(wordOf(range(-0.03, 0.03), { pixels: range(0.4, 0.55) })).toBe('cannot be told');
  });
});
