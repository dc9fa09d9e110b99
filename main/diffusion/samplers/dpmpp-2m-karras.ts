import { roundHalfToEven } from '../timesteps.ts';
import { startDpmpp2m } from './dpmpp-2m.ts';
import type { PlanOptions, Sampler, StepPlan } from './sampler.ts';
import { karrasSigmas, levelOfSigma, logSigmas, timestepOfSigma } from './sigma-levels.ts';

/**
 * DPM-Solver++(2M) on the noise levels of Karras et al. 2022. The levels lie between trained timesteps; the network is
 * told the nearest one. The pack's spacing plays no part.
 */
export const dpmpp2mKarras: Sampler = {
  name: 'dpmpp-2m-karras',
  callsPerStep: 1,
  plan: karrasPlan,
  start: startDpmpp2m,
};

function karrasPlan(options: PlanOptions): StepPlan {
  const logs = logSigmas(options.alphas);
  const sigmas = karrasSigmas(logs, options);
  return {
    timesteps: sigmas.map((sigma) => roundHalfToEven(timestepOfSigma(sigma, logs))),
    levels: sigmas.map(levelOfSigma),
  };
}
