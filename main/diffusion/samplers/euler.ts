import { predictClean, predictNoise } from '../prediction.ts';
import type { Sampler, SamplerRun, SamplerSetup } from './sampler.ts';
import { levelAfter } from './sampler.ts';
import { sigmaPlan } from './sigma-levels.ts';

/** Euler's method on dx/dσ = ε, Karras et al. 2022, algorithm 1 without the correction; ends at σ = 0. */
export const euler: Sampler = { name: 'euler', callsPerStep: 1, plan: sigmaPlan, start: startEuler };

/** The same on Karras levels. */
export const eulerKarras: Sampler = {
  name: 'euler-karras',
  callsPerStep: 1,
  plan: (options) => sigmaPlan({ ...options, karras: true }),
  start: startEuler,
};

function startEuler({ plan, prediction, length, constrain }: SamplerSetup): SamplerRun {
  const clean = new Float64Array(length);
  const epsilon = new Float64Array(length);
  return {
    step(index, output, sample) {
      const level = plan.levels[index] ?? { signal: 1, noise: 0 };
      const target = levelAfter(plan, index);
      predictClean({ prediction, level }, sample, output, clean);
      if (constrain === null) {
        predictNoise({ prediction, level }, sample, output, epsilon);
      } else {
        constrain(clean);
        for (let i = 0; i < length; i++) epsilon[i] = ((sample[i] ?? 0) - level.signal * (clean[i] ?? 0)) / level.noise;
      }
      // x + ε · Δσ in variance-exploding terms is x0 + σ' · ε, here scaled to unit variance.
      for (let i = 0; i < length; i++) sample[i] = target.signal * (clean[i] ?? 0) + target.noise * (epsilon[i] ?? 0);
    },
  };
}
