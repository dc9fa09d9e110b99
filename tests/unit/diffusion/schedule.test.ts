import { describe, expect, it } from 'vitest';
import type { ScheduleSettings } from '../../../main/diffusion/schedule.ts';
import { alphasCumulative } from '../../../main/diffusion/schedule.ts';

const trained = { steps: 1000, zeroTerminalSnr: false } as const;
const linear: ScheduleSettings = { ...trained, kind: 'linear', betaStart: 1e-4, betaEnd: 0.02 };
const cosine: ScheduleSettings = { ...trained, kind: 'cosine', betaStart: null, betaEnd: null };
const visited = [0, 249, 499, 749, 999];

/** Values of diffusers 0.40, whose constants are float32. */
const published: [string, ScheduleSettings, number[]][] = [
  ['linear', linear, [0.9999, 0.52408537, 0.078587243, 0.0033505509, 4.0358309e-5]],
  [
    'scaled_linear 0.00085 to 0.012',
    { ...linear, kind: 'scaled_linear', betaStart: 0.00085, betaEnd: 0.012 },
    [0.99915, 0.67543242, 0.27766966, 0.056623501, 0.0046601],
  ],
  [
    'scaled_linear 0.0015 to 0.0195',
    { ...linear, kind: 'scaled_linear', betaStart: 0.0015, betaEnd: 0.0195 },
    [0.9985, 0.51051427, 0.11584447, 0.0084448285, 1.4230392e-4],
  ],
  ['cosine', cosine, [0.99995872, 0.84701216, 0.49384359, 0.1442721, 2.4287355e-9]],
  ['sigmoid', { ...linear, kind: 'sigmoid' }, [0.99985079, 0.90374466, 0.30193104, 0.0057321995, 3.9681829e-5]],
];

describe('the remaining signal ᾱ', () => {
  for (const [name, settings, expected] of published) {
    it(`follows the published values of the ${name} schedule`, () => {
      const alphas = alphasCumulative(settings);
      visited.forEach((t, i) => {
        expect(Math.abs((alphas[t] ?? 0) / (expected[i] ?? 1) - 1)).toBeLessThan(2e-5);
      });
    });
  }

  it('ends at exactly 0 with zero terminal SNR, the first step unchanged', () => {
    const plain = alphasCumulative(linear);
    const alphas = alphasCumulative({ ...linear, zeroTerminalSnr: true });
    expect(alphas.at(-1)).toBe(0);
    expect(alphas[0]).toBeCloseTo(plain[0] ?? 0, 12);
    expect(alphas.every((alpha, t) => t === 0 || alpha < (alphas[t - 1] ?? 0))).toBe(true);
  });

  it('is refused where the constants of the schedule are missing', () => {
    expect(() => alphasCumulative({ ...linear, betaEnd: null })).toThrow(/betaEnd/);
  });
});
