import { timesteps } from '../timesteps.ts';
import type { PlanOptions, StepPlan } from './sampler.ts';
import { planAt } from './sampler.ts';

/** The plan of DDPM and DDIM, which visit trained timesteps only. */
export function trainedPlan(options: PlanOptions): StepPlan {
  const { alphas, visited } = options;
  return planAt(visited ?? timesteps({ ...options, trained: alphas.length }), alphas);
}
