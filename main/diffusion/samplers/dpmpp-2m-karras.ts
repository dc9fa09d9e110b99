import { roundHalfToEven } from '../timesteps.ts';
import { startDpmpp2m } from './dpmpp-2m.ts';
import type { PlanOptions, Sampler, StepPlan } from './sampler.ts';

/**
 * DPM-Solver++(2M) on the noise levels of Karras et al. 2022, eq. 5 with ρ = 7, between the first and the last trained
 * one. The levels lie between trained timesteps; the network is told the nearest one. The pack's spacing plays no part.
 */
export const dpmpp2mKarras: Sampler = {
  name: 'dpmpp-2m-karras',
  title: 'DPM-Solver++ (2M), Karras levels',
  plan: karrasPlan,
  start: startDpmpp2m,
};

function karrasPlan({ alphas, count }: PlanOptions): StepPlan {
  const logSigmas = Array.from(alphas, (alpha) => 0.5 * Math.log((1 - alpha) / alpha));
  const sigmas = karrasSigmas(count, Math.exp(logSigmas[0] ?? 0), Math.exp(largestFinite(logSigmas)));
  return {
    timesteps: sigmas.map((sigma) => roundHalfToEven(timestepOf(Math.log(sigma), logSigmas))),
    levels: sigmas.map((sigma) => ({ signal: 1 / Math.hypot(1, sigma), noise: sigma / Math.hypot(1, sigma) })),
  };
}

/** From the largest σ to the smallest, both included. */
function karrasSigmas(count: number, smallest: number, largest: number): number[] {
  const [low, high] = [smallest ** (1 / 7), largest ** (1 / 7)];
  return Array.from({ length: count }, (_, i) => (high + (count === 1 ? 0 : i / (count - 1)) * (low - high)) ** 7);
}

/** With zero terminal SNR the last σ is infinite; the one before it bounds the levels. */
function largestFinite(ascending: number[]): number {
  return ascending.findLast(Number.isFinite) ?? 0;
}

/** Linear interpolation in ln σ between trained timesteps. */
function timestepOf(logSigma: number, logSigmas: number[]): number {
  const last = logSigmas.length - 2;
  const below = Math.min(
    Math.max(
      logSigmas.findLastIndex((value) => value <= logSigma),
      0,
    ),
    last,
  );
  const low = logSigmas[below] ?? 0;
  const high = logSigmas[below + 1] ?? 1;
  const share = Number.isFinite(high) ? (logSigma - low) / (high - low) : 0;
  return below + Math.min(Math.max(share, 0), 1);
}
