import { predictClean } from '../prediction.ts';
import { solverTimesteps } from '../timesteps.ts';
import type { Sampler, SamplerRun, SamplerSetup } from './sampler.ts';
import { halfLogSnr, planAt } from './sampler.ts';

/** DPM-Solver++(2M), Lu et al. 2022, algorithm 2; ends at σ = 0. */
export const dpmpp2m: Sampler = {
  name: 'dpmpp-2m',
  callsPerStep: 1,
  plan: (options) => planAt(solverTimesteps({ ...options, trained: options.alphas.length }), options.alphas),
  start: startDpmpp2m,
};

/** Shared by the variants that differ in the plan only. */
export function startDpmpp2m(setup: SamplerSetup): SamplerRun {
  const { plan, prediction, constrain } = setup;
  let clean = new Float64Array(setup.length);
  let previous = new Float64Array(setup.length);
  let previousLogSnr: number | null = null;
  return {
    step(index, output, sample) {
      const level = plan.levels[index] ?? { signal: 1, noise: 0 };
      predictClean({ prediction, level }, sample, output, clean);
      constrain?.(clean);
      const target = plan.levels[index + 1];
      // The last step goes to σ = 0, where x = x0.
      if (target === undefined) return void sample.set(clean);
      const h = halfLogSnr(target) - halfLogSnr(level);
      const decay = target.noise / level.noise;
      const gain = -target.signal * Math.expm1(-h);
      const correction = previousLogSnr === null ? 0 : correctionWeight(h, halfLogSnr(level) - previousLogSnr);
      for (let i = 0; i < sample.length; i++) {
        const newest = clean[i] ?? 0;
        const slope = correction === 0 ? 0 : correction * (newest - (previous[i] ?? 0));
        sample[i] = decay * (sample[i] ?? 0) + gain * (newest + slope);
      }
      previousLogSnr = halfLogSnr(level);
      [clean, previous] = [previous, clean];
    },
  };
}

/** ½ / r0 with r0 = h_before / h; first order where neighbouring timesteps coincide or the first level had no signal. */
function correctionWeight(h: number, before: number): number {
  return before === 0 || !Number.isFinite(before) ? 0 : (0.5 * h) / before;
}
