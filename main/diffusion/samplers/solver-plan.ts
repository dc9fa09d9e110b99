import { roundHalfToEven, solverTimesteps } from '../timesteps.ts';
import type { PlanOptions, StepPlan } from './sampler.ts';
import { levelOfAlpha, planAt } from './sampler.ts';
import { karrasSigmasFrom, levelOfSigma, logSigmas, timestepOfSigma } from './sigma-levels.ts';

/** The plan of DPM-Solver and UniPC: trained timesteps, or Karras levels over the whole trained range. */
export function solverPlan(options: PlanOptions): StepPlan {
  const { alphas, karras = false, finalSigma = 'zero', visited } = options;
  const end = finalSigma === 'zero' ? { signal: 1, noise: 0 } : levelOfAlpha(alphas[0] ?? 1);
  if (karras) return { ...karrasPlan(options), end };
  return { ...planAt(visited ?? solverTimesteps({ ...options, trained: alphas.length }), alphas), end };
}

/** The levels lie between trained timesteps; the network is told the nearest one. Of the spacing only image to image takes its start. */
function karrasPlan(options: PlanOptions): Pick<StepPlan, 'timesteps' | 'levels'> {
  const { alphas, count, skipped = 0, largestSigma = Infinity } = options;
  const logs = logSigmas(alphas);
  const first = Math.min(Math.exp(logs.findLast(Number.isFinite) ?? 0), largestSigma);
  const evenly = solverTimesteps({ ...options, trained: alphas.length });
  const start = Math.exp(logs[evenly[skipped] ?? 0] ?? 0);
  const sigmas = karrasSigmasFrom({ skipped, start }, { count, first, last: Math.exp(logs[0] ?? 0) });
  return {
    timesteps: sigmas.map((sigma) => roundHalfToEven(timestepOfSigma(sigma, logs))),
    levels: sigmas.map(levelOfSigma),
  };
}
