import type { NoiseLevel } from '../prediction.ts';
import { timesteps } from '../timesteps.ts';
import type { PlanOptions } from './sampler.ts';

/**
 * Samplers that follow the probability-flow ODE in σ = noise / signal may visit levels between the trained ones.
 * Samples stay scaled to unit variance here: x_VP = x_VE / √(1 + σ²).
 */
export function levelOfSigma(sigma: number): NoiseLevel {
  const scale = Math.hypot(1, sigma);
  return { signal: 1 / scale, noise: sigma / scale };
}

/** ln σ of every trained timestep, ascending; infinite at the last one with zero terminal SNR. */
export function logSigmas(alphas: Float64Array): number[] {
  return Array.from(alphas, (alpha) => 0.5 * (Math.log(1 - alpha) - Math.log(alpha)));
}

/** Karras et al. 2022, eq. 5 with ρ = 7, from the largest σ to the smallest trained one, both included. */
export function karrasSigmas(logs: number[], { count, largestSigma = Infinity }: PlanOptions): number[] {
  const low = Math.exp((logs[0] ?? 0) / 7);
  const high = Math.min(Math.exp(logs.findLast(Number.isFinite) ?? 0), largestSigma) ** (1 / 7);
  return Array.from({ length: count }, (_, i) => (high + (count === 1 ? 0 : i / (count - 1)) * (low - high)) ** 7);
}

/** The timestep whose σ this is, by linear interpolation in ln σ. */
export function timestepOfSigma(sigma: number, logs: number[]): number {
  const logSigma = Math.log(sigma);
  const below = Math.min(
    Math.max(
      logs.findLastIndex((value) => value <= logSigma),
      0,
    ),
    logs.length - 2,
  );
  const low = logs[below] ?? 0;
  const high = logs[below + 1] ?? 1;
  const share = Number.isFinite(high) ? (logSigma - low) / (high - low) : 0;
  return below + Math.min(Math.max(share, 0), 1);
}

/** Timesteps and levels of one-step ODE samplers: linspace is not rounded, σ is interpolated between trained timesteps. */
export function fractionalSteps(options: PlanOptions): { timestep: number; level: NoiseLevel }[] {
  const { alphas, count, spacing, largestSigma = Infinity } = options;
  const last = alphas.length - 1;
  const visited =
    spacing === 'linspace' ? linspaceDescending(count, last) : timesteps({ ...options, trained: alphas.length });
  const sigmas = Array.from(alphas, (alpha) => Math.sqrt((1 - alpha) / alpha));
  // The whole row is drawn together until its first entry keeps to the largest σ.
  const reach = (sigmas[last] ?? 0) <= largestSigma ? 1 : timestepOfSigma(largestSigma, logSigmas(alphas)) / last;
  return visited.map((full) => {
    const timestep = full * reach;
    const below = Math.floor(timestep);
    const low = sigmas[below] ?? 0;
    const share = timestep - below;
    const sigma = share === 0 ? low : low + share * ((sigmas[below + 1] ?? low) - low);
    return { timestep, level: levelOfSigma(sigma) };
  });
}

function linspaceDescending(count: number, last: number): number[] {
  if (count === 1) return [last];
  return Array.from({ length: count }, (_, i) => ((count - 1 - i) * last) / (count - 1));
}
