import { describe, expect, it } from 'vitest';
import { skippedSteps } from '../../../main/diffusion/image-to-image.ts';
import { samplers } from '../../../main/diffusion/samplers/registry.ts';
import type { StepPlan } from '../../../main/diffusion/samplers/sampler.ts';
import { alphasCumulative } from '../../../main/diffusion/schedule.ts';

const alphas = alphasCumulative({
  ...{ kind: 'cosine', steps: 1000, betaStart: null, betaEnd: null, zeroTerminalSnr: false },
});
const options = { alphas, count: 20, spacing: 'trailing', largestSigma: 300 } as const;
const sigmaAt = ({ levels, end }: StepPlan, index: number): number => {
  const { signal, noise } = levels[index] ?? end;
  return noise / signal;
};

describe('image to image', () => {
  it.each([
    [50, 0.8, 40],
    [10, 0.05, 0],
    [20, 1, 20],
    [20, 0, 0],
  ])('of %i steps at strength %d takes %i (diffusers, get_timesteps)', (steps, strength, taken) => {
    expect(steps - skippedSteps(steps, strength)).toBe(taken);
  });

  it.each(['dpmpp-2m-karras', 'dpmpp-2m-sde-karras', 'euler-karras'] as const)(
    '%s starts at the noise of evenly spaced steps, and goes on in levels of Karras et al. 2022, eq. 5',
    (name) => {
      for (const strength of [0.25, 0.5, 0.75]) {
        const skipped = skippedSteps(20, strength);
        const plan = samplers[name].plan({ ...options, skipped });
        const evenly = samplers[name === 'euler-karras' ? 'euler' : 'dpmpp-2m'].plan(options);
        expect(plan.levels).toHaveLength(20);
        expect(sigmaAt(plan, skipped) / sigmaAt(evenly, skipped)).toBeCloseTo(1, 6);
        const roots = Array.from({ length: 20 - skipped }, (_, i) => sigmaAt(plan, skipped + i) ** (1 / 7));
        const steps = roots.slice(1).map((root, i) => roots[i]! - root);
        for (const step of steps) expect(step).toBeCloseTo(steps[0]!, 9);
        expect(plan.timesteps[skipped]!).toBeLessThanOrEqual(strength * 1000);
        expect(plan.timesteps.at(-1)!).toBeLessThan(60);
      }
    },
  );

  it('of no strength given the levels are those of the whole way', () => {
    const whole = samplers['dpmpp-2m-karras'].plan(options);
    expect(samplers['dpmpp-2m-karras'].plan({ ...options, skipped: 0 })).toEqual(whole);
    expect(sigmaAt(whole, 0)).toBeCloseTo(300, 6);
  });
});
