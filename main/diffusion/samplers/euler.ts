import { predictClean, predictNoise } from '../prediction.ts';
import type { PlanOptions, Sampler, SamplerRun, SamplerSetup, StepPlan } from './sampler.ts';
import { fractionalSteps, karrasSigmas, levelOfSigma, logSigmas, timestepOfSigma } from './sigma-levels.ts';

/** Euler's method on dx/dσ = ε, Karras et al. 2022, algorithm 1 without the correction; ends at σ = 0. */
export const euler: Sampler = { name: 'euler', callsPerStep: 1, plan: eulerPlan, start: startEuler };

/** The same on Karras levels; the network is told the fractional timestep. */
export const eulerKarras: Sampler = { name: 'euler-karras', callsPerStep: 1, plan: karrasPlan, start: startEuler };

function eulerPlan(options: PlanOptions): StepPlan {
  const steps = fractionalSteps(options);
  return { timesteps: steps.map((step) => step.timestep), levels: steps.map((step) => step.level) };
}

function karrasPlan(options: PlanOptions): StepPlan {
  const logs = logSigmas(options.alphas);
  const sigmas = karrasSigmas(logs, options);
  return { timesteps: sigmas.map((sigma) => timestepOfSigma(sigma, logs)), levels: sigmas.map(levelOfSigma) };
}

function startEuler({ plan, prediction, length, constrain }: SamplerSetup): SamplerRun {
  const clean = new Float64Array(length);
  const epsilon = new Float64Array(length);
  return {
    step(index, output, sample) {
      const level = plan.levels[index] ?? { signal: 1, noise: 0 };
      const target = plan.levels[index + 1] ?? { signal: 1, noise: 0 };
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
