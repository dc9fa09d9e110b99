import type { NoiseLevel } from '../prediction.ts';
import type { Sampler, SamplerRun, SamplerSetup, SolverSettings } from './sampler.ts';
import { halfLogSnr, levelAfter } from './sampler.ts';
import { arrive, solverOutput } from './solver-output.ts';
import { solverPlan } from './solver-plan.ts';

/** DPM-Solver++(2M), Lu et al. 2022, algorithm 2; ends at σ = 0. */
export const dpmpp2m: Sampler = variant('dpmpp-2m', { karras: false, stochastic: false });
/** The same on the noise levels of Karras et al. 2022. */
export const dpmpp2mKarras: Sampler = variant('dpmpp-2m-karras', { karras: true, stochastic: false });
/** The same step for the reverse SDE (Lu et al. 2022, appendix on SDE-DPM-Solver++): noise is added at every step. */
export const dpmpp2mSde: Sampler = variant('dpmpp-2m-sde', { karras: false, stochastic: true });
export const dpmpp2mSdeKarras: Sampler = variant('dpmpp-2m-sde-karras', { karras: true, stochastic: true });

function variant(name: Sampler['name'], { karras, stochastic }: { karras: boolean; stochastic: boolean }): Sampler {
  return {
    name,
    callsPerStep: 1,
    plan: (options) => solverPlan({ ...options, karras }),
    start: (setup) => start(setup, stochastic),
  };
}

function start(setup: SamplerSetup, stochastic: boolean): SamplerRun {
  const { plan, length, solver = {} } = setup;
  const { order = 2, lowerOrderAtEnd = true, firstOrderAtEnd = false } = solver;
  /** Newest first; the oldest array is written anew. */
  const outputs = Array.from({ length: order }, () => new Float64Array(length));
  const logSnrs: number[] = [];
  return {
    step(index, output, sample, noise) {
      const level = plan.levels[index] ?? plan.end;
      const target = levelAfter(plan, index);
      const newest = outputs.pop() ?? new Float64Array(length);
      solverOutput(setup, level, { sample, output, smooth: newest });
      outputs.unshift(newest);
      logSnrs.unshift(halfLogSnr(level));
      if (target.noise === 0) return arrive(setup, level, newest, sample);
      const h = halfLogSnr(target) - (logSnrs[0] ?? 0);
      if (h === 0) return;
      const slopes = slopeWeights(logSnrs, h, orderOf(index));
      const weights = stepWeights({ level, target, h, stochastic, solver, order: slopes.order });
      const [first = 0, second = 0, third = 0] = outputWeights(weights, slopes);
      const draw = weights.noise === 0 ? null : noise();
      const [, older = newest, oldest = newest] = outputs;
      for (let i = 0; i < length; i++) {
        const past = second === 0 ? 0 : second * (older[i] ?? 0) + third * (oldest[i] ?? 0);
        const drawn = draw === null ? 0 : weights.noise * (draw[i] ?? 0);
        sample[i] = weights.sample * (sample[i] ?? 0) + first * (newest[i] ?? 0) + past + drawn;
      }
    },
  };

  function orderOf(index: number): number {
    const left = plan.levels.length - index;
    const few = lowerOrderAtEnd && plan.levels.length < 15;
    if (left === 1 && (few || firstOrderAtEnd)) return 1;
    return left === 2 && few ? Math.min(order, 2) : order;
  }
}

interface Slopes {
  order: 1 | 2 | 3;
  /** h of the last step, and of the one before, over h of this one. */
  r0: number;
  r1: number;
}

/** Of lower order where there is no past yet or levels coincide; a level without signal is infinitely far and adds nothing. */
function slopeWeights(logSnrs: readonly number[], h: number, wanted: number): Slopes {
  const [now = 0, before = now, earlier = before] = logSnrs;
  const r0 = (now - before) / h;
  const r1 = (before - earlier) / h;
  const usable = (ratio: number): boolean => Number.isFinite(ratio) && ratio > 0;
  if (wanted === 1 || !usable(r0)) return { order: 1, r0, r1 };
  return { order: wanted === 2 || !usable(r1) ? 2 : 3, r0, r1 };
}

/** x ← sample · x + d0 · D0 + d1 · D1 + d2 · D2 + noise · z. */
interface StepWeights {
  sample: number;
  d0: number;
  d1: number;
  d2: number;
  noise: number;
}

/**
 * The integrals of exp(±λ) against 1, λ and λ² over one step: Lu et al. 2022, eq. 9 and appendix B; for the SDE the
 * exponents double. Midpoint takes half of d0 for d1.
 */
function stepWeights(step: {
  level: NoiseLevel;
  target: NoiseLevel;
  h: number;
  stochastic: boolean;
  solver: SolverSettings;
  order: number;
}): StepWeights {
  const { level, target, h, stochastic, solver, order } = step;
  const clean = solver.smooth !== 'noise';
  const halved = order === 2 && solver.slope !== 'heun';
  if (clean) {
    const span = stochastic ? 2 * h : h;
    const decay = Math.expm1(-span);
    const d0 = -target.signal * decay;
    return {
      sample: (target.noise / level.noise) * (stochastic ? Math.exp(-h) : 1),
      d0,
      d1: halved ? d0 / 2 : target.signal * (decay / span + 1),
      d2: target.signal * (0.5 - (decay + span) / span ** 2),
      noise: stochastic ? target.noise * Math.sqrt(-Math.expm1(-2 * h)) : 0,
    };
  }
  const growth = Math.expm1(h);
  const twice = stochastic ? 2 : 1;
  const d0 = -twice * target.noise * growth;
  return {
    sample: target.signal / level.signal,
    d0,
    d1: halved ? d0 / 2 : -twice * target.noise * (growth / h - 1),
    d2: -twice * target.noise * ((growth - h) / h ** 2 - 0.5),
    noise: stochastic ? target.noise * Math.sqrt(Math.expm1(2 * h)) : 0,
  };
}

/** The weights of the last outputs, newest first: D0 = m0, D1 and D2 are divided differences of them. */
function outputWeights({ d0, d1, d2 }: StepWeights, { order, r0, r1 }: Slopes): number[] {
  if (order === 1) return [d0];
  if (order === 2) return [d0 + d1 / r0, -d1 / r0];
  // D1 = a + (a − b) r0 / (r0 + r1), D2 = (a − b) / (r0 + r1) with a = (m0 − m1) / r0, b = (m1 − m2) / r1.
  const curvature = (d1 * r0 + d2) / (r0 + r1);
  const a = (d1 + curvature) / r0;
  const b = -curvature / r1;
  return [d0 + a, b - a, -b];
}
