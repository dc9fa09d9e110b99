import { describe, expect, it } from 'vitest';
import type { GoldenCase } from './golden-case.ts';
import { follow, goldenCases } from './golden-case.ts';

/**
 * What the file states (2e-5, for unipc 5e-4, absolute plus relative), and where the float32 arithmetic of the reference
 * loses more, that much: DDIM with η = 1 from t = 999 of the cosine schedule subtracts two numbers that agree to 5e-8
 * (4.5e-5; repeated in float32 it agrees to 5e-10), and the exploding samplers subtract σ from σ of up to 20291, an
 * error that Heun's method multiplies by σ0 / 2σ1 = 3,300 there (7e-4 of the largest value; in float32 1e-8).
 */
function toleranceOf(golden: GoldenCase, expected: number, largest: number): number {
  const { sampler, call, config, init, init_noise_sigma: sigma } = golden;
  if (sampler === 'heun' && sigma > 1e4) return 1e-3 * largest;
  if (sampler === 'unipc') return 5e-4 * (1 + Math.abs(expected));
  const cancelling = sampler === 'ddim' && Number(call['eta']) > 0 && config['beta_schedule'] === 'squaredcos_cap_v2';
  const stated = (cancelling ? 5e-5 : 2e-5) * (1 + Math.abs(expected));
  return sigma > 1 ? stated + 2 ** -24 * sigma * Math.max(...init.map(Math.abs)) : stated;
}

describe('trajectories of a reference implementation are followed step by step', () => {
  it.each(goldenCases())('$title', ({ golden }) => {
    const { timesteps, trajectory } = follow(golden);
    expect(timesteps.length).toBe(golden.timesteps.length);
    timesteps.forEach((t, step) => expect(Math.abs(t - (golden.timesteps[step] ?? NaN))).toBeLessThan(0.01));
    expect(trajectory.length).toBe(golden.trajectory.length);
    trajectory.forEach((sample, step) => {
      const largest = Math.max(...(golden.trajectory[step] ?? []).map(Math.abs));
      sample.forEach((value, i) => {
        const expected = golden.trajectory[step]?.[i] ?? NaN;
        const error = Math.abs(value - expected);
        expect(error, `step ${step}, value ${i}`).toBeLessThanOrEqual(toleranceOf(golden, expected, largest));
      });
    });
  });

  it('a parameter or a sampler that is not known is refused by name, never passed over', () => {
    const golden: GoldenCase = {
      sampler: 'ddim',
      config: { churn: 0.5 },
      call: {},
      steps: 2,
      timesteps: [500, 0],
      init: [0],
      init_noise_sigma: 1,
      noise: [],
      trajectory: [],
    };
    expect(() => follow(golden)).toThrow(/churn = 0.5/);
    expect(() => follow({ ...golden, config: {}, sampler: 'lms' })).toThrow(/lms/);
    expect(follow({ ...golden, config: {} }).timesteps).toEqual([500, 0]);
  });
});
