import { predictClean } from '../prediction.ts';
import type { Sampler, SamplerRun, SamplerSetup } from './sampler.ts';
import { trainedPlan } from './trained-plan.ts';

/** Ancestral sampling (Ho et al. 2020, eq. 6–7), strided: the previous step is the next entry of the plan. */
export const ddpm: Sampler = {
  name: 'ddpm',
  callsPerStep: 1,
  plan: trainedPlan,
  start,
};

function start(setup: SamplerSetup): SamplerRun {
  const clean = new Float64Array(setup.length);
  const { plan, prediction, alphas, constrain, variance = 'small' } = setup;
  return {
    step(index, output, sample, noise) {
      const t = plan.timesteps[index] ?? 0;
      const level = plan.levels[index] ?? { signal: 1, noise: 0 };
      const next = plan.timesteps[index + 1];
      const here = alphas[t] ?? 1;
      const before = next === undefined ? 1 : (alphas[next] ?? 1);
      const alpha = here / before;
      const beta = 1 - alpha;
      predictClean({ prediction, level }, sample, output, clean);
      constrain?.(clean);
      const cleanWeight = (Math.sqrt(before) * beta) / (1 - here);
      const sampleWeight = (Math.sqrt(alpha) * (1 - before)) / (1 - here);
      const posterior = Math.max(((1 - before) / (1 - here)) * beta, 1e-20);
      const deviation = Math.sqrt(variance === 'small' ? posterior : beta);
      const draw = t > 0 ? noise() : null;
      for (let i = 0; i < sample.length; i++) {
        const mean = cleanWeight * (clean[i] ?? 0) + sampleWeight * (sample[i] ?? 0);
        sample[i] = mean + (draw === null ? 0 : deviation * (draw[i] ?? 0));
      }
    },
  };
}
