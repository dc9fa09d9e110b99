import { predictClean } from '../prediction.ts';
import type { PlanOptions, Sampler, SamplerRun, SamplerSetup, StepPlan } from './sampler.ts';
import { sigmaPlan } from './sigma-levels.ts';

/**
 * Heun's second-order method, Karras et al. 2022, algorithm 1 without noise. Every step but the last calls the network
 * twice: at its own level, and at the next one to correct the slope.
 */
export const heun: Sampler = { name: 'heun', callsPerStep: 2, plan: heunPlan, start };

/** Levels 0, 1 1, 2 2, …: the correction of a step and the first call of the next one are told the same level. */
function heunPlan(options: PlanOptions): StepPlan {
  const { timesteps, levels, end } = sigmaPlan({ ...options, finalSigma: 'zero' });
  const twice = <T>(values: readonly T[]): T[] => values.flatMap((value, i) => (i === 0 ? [value] : [value, value]));
  return { timesteps: twice(timesteps), levels: twice(levels), end };
}

function start({ plan, prediction, length, constrain }: SamplerSetup): SamplerRun {
  const clean = new Float64Array(length);
  const from = new Float64Array(length);
  const slope = new Float64Array(length);
  return {
    step(index, output, sample) {
      const level = plan.levels[index] ?? { signal: 1, noise: 0 };
      predictClean({ prediction, level }, sample, output, clean);
      constrain?.(clean);
      const sigma = level.noise / level.signal;
      const slopeAt = (i: number): number => ((sample[i] ?? 0) / level.signal - (clean[i] ?? 0)) / sigma;
      if (index % 2 === 1) {
        const before = plan.levels[index - 1] ?? level;
        const change = sigma - before.noise / before.signal;
        for (let i = 0; i < length; i++) {
          sample[i] = level.signal * ((from[i] ?? 0) + ((slope[i] ?? 0) + slopeAt(i)) * 0.5 * change);
        }
        return;
      }
      const target = plan.levels[index + 1];
      // The last step goes to σ = 0 without a correction, where x = x0.
      if (target === undefined) return void sample.set(clean);
      const change = target.noise / target.signal - sigma;
      for (let i = 0; i < length; i++) {
        from[i] = (sample[i] ?? 0) / level.signal;
        slope[i] = slopeAt(i);
        sample[i] = target.signal * ((from[i] ?? 0) + (slope[i] ?? 0) * change);
      }
    },
  };
}
