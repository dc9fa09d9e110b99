import { predictClean } from '../prediction.ts';
import { solverTimesteps } from '../timesteps.ts';
import type { Sampler, SamplerRun, SamplerSetup } from './sampler.ts';
import { halfLogSnr, planAt } from './sampler.ts';

/** UniPC of order 2 with B(h) = e^h − 1 on predicted clean samples (Zhao et al. 2023, algorithms 5 and 6). */
export const unipc: Sampler = {
  name: 'unipc',
  callsPerStep: 1,
  plan: (options) => planAt(solverTimesteps({ ...options, trained: options.alphas.length }), options.alphas),
  start,
};

function start({ plan, prediction, length, constrain }: SamplerSetup): SamplerRun {
  const { levels } = plan;
  let newest = new Float64Array(length);
  let older = new Float64Array(length);
  let spare = new Float64Array(length);
  const before = new Float64Array(length);
  let known = 0;
  let lastOrder = 0;
  return {
    step(index, output, sample) {
      const level = levels[index] ?? { signal: 1, noise: 0 };
      predictClean({ prediction, level }, sample, output, spare);
      constrain?.(spare);
      if (lastOrder > 0) correct(index, sample);
      [older, newest, spare] = [newest, spare, older];
      const order = Math.min(2, levels.length - index, known + 1);
      before.set(sample);
      predict(index, order, sample);
      known = Math.min(known + 1, 2);
      lastOrder = order;
    },
  };

  /** Improves what the last step arrived at by the network's answer there, in `spare`. */
  function correct(index: number, sample: Float64Array): void {
    const target = levels[index] ?? { signal: 1, noise: 0 };
    const from = levels[index - 1] ?? target;
    const h = halfLogSnr(target) - halfLogSnr(from);
    const { first, b1, b2 } = coefficients(h);
    const ratio = lastOrder === 2 ? stepRatio(index - 1, h) : 1;
    const earlier = lastOrder === 2 ? (b1 - b2) / (1 - ratio) : 0;
    const current = lastOrder === 2 ? b1 - earlier : 0.5;
    for (let i = 0; i < length; i++) {
      const m0 = newest[i] ?? 0;
      const past = earlier === 0 ? 0 : (earlier * ((older[i] ?? 0) - m0)) / ratio;
      const correction = past + current * ((spare[i] ?? 0) - m0);
      sample[i] = (target.noise / from.noise) * (before[i] ?? 0) - target.signal * first * (m0 + correction);
    }
  }

  function predict(index: number, order: number, sample: Float64Array): void {
    const from = levels[index] ?? { signal: 1, noise: 0 };
    const target = levels[index + 1];
    // The last step goes to σ = 0, where x = x0.
    if (target === undefined) return void sample.set(newest);
    const h = halfLogSnr(target) - halfLogSnr(from);
    const { first } = coefficients(h);
    const ratio = order === 2 ? stepRatio(index, h) : 1;
    for (let i = 0; i < length; i++) {
      const m0 = newest[i] ?? 0;
      const slope = order === 2 ? (0.5 * ((older[i] ?? 0) - m0)) / ratio : 0;
      sample[i] = (target.noise / from.noise) * (sample[i] ?? 0) - target.signal * first * (m0 + slope);
    }
  }

  /** (λ of the level before − λ here) / h. */
  function stepRatio(index: number, h: number): number {
    const here = levels[index] ?? { signal: 1, noise: 0 };
    return (halfLogSnr(levels[index - 1] ?? here) - halfLogSnr(here)) / h;
  }
}

/** first = e^−h − 1, which is also B; b1, b2 = k! φ(k+1)(−h) / B. */
function coefficients(h: number): { first: number; b1: number; b2: number } {
  const first = Math.expm1(-h);
  const phi2 = first / -h - 1;
  const phi3 = phi2 / -h - 0.5;
  return { first, b1: phi2 / first, b2: (2 * phi3) / first };
}
