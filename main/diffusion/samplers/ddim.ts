import { predictClean, predictNoise } from '../prediction.ts';
import type { Sampler, SamplerRun, SamplerSetup } from './sampler.ts';
import { trainedPlan } from './trained-plan.ts';

/** Song et al. 2021, eq. 12 and 16. The previous step is t − ⌊T/n⌋, which need not be an entry of the plan. */
export const ddim: Sampler = {
  name: 'ddim',
  callsPerStep: 1,
  plan: trainedPlan,
  start,
};

function start(setup: SamplerSetup): SamplerRun {
  const clean = new Float64Array(setup.length);
  const epsilon = new Float64Array(setup.length);
  const { plan, prediction, alphas, constrain, eta = 0, finalAlphaOne = true, constrainedDirection = false } = setup;
  const stride = Math.floor(alphas.length / plan.timesteps.length);
  const finalAlpha = finalAlphaOne ? 1 : (alphas[0] ?? 1);
  return {
    step(index, output, sample, noise) {
      const t = plan.timesteps[index] ?? 0;
      const level = plan.levels[index] ?? { signal: 1, noise: 0 };
      const here = alphas[t] ?? 1;
      const before = t >= stride ? (alphas[t - stride] ?? 1) : finalAlpha;
      predictClean({ prediction, level }, sample, output, clean);
      predictNoise({ prediction, level }, sample, output, epsilon);
      constrain?.(clean);
      // Unless asked for, ε stays as predicted: it is not recomputed from the constrained clean sample.
      if (constrainedDirection && level.noise > 0) {
        for (let i = 0; i < sample.length; i++) {
          epsilon[i] = ((sample[i] ?? 0) - level.signal * (clean[i] ?? 0)) / level.noise;
        }
      }
      const deviation = eta * Math.sqrt(((1 - before) / (1 - here)) * (1 - here / before));
      const signal = Math.sqrt(before);
      const direction = Math.sqrt(Math.max(0, 1 - before - deviation ** 2));
      const draw = eta > 0 ? noise() : null;
      for (let i = 0; i < sample.length; i++) {
        const value = signal * (clean[i] ?? 0) + direction * (epsilon[i] ?? 0);
        sample[i] = draw === null ? value : value + deviation * (draw[i] ?? 0);
      }
    },
  };
}
