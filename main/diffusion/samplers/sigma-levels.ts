import type { NoiseLevel } from '../prediction.ts';
import { timesteps } from '../timesteps.ts';
import type { PlanOptions, StepPlan } from './sampler.ts';
import { levelOfAlpha } from './sampler.ts';

/**
 * Samplers that follow the probability-flow ODE in σ = noise / signal may visit levels between the trained ones.
 * Samples stay scaled to unit variance here: x_VP = x_VE / √(1 + σ²).
 */
export function levelOfSigma(sigma: number): NoiseLevel {
  if (sigma === Infinity) return { signal: 0, noise: 1 };
  const scale = Math.hypot(1, sigma);
  return { signal: 1 / scale, noise: sigma / scale };
}

/** ln σ of every trained timestep, ascending; infinite at the last one with zero terminal SNR. */
export function logSigmas(alphas: Float64Array): number[] {
  return Array.from(alphas, (alpha) => 0.5 * (Math.log(1 - alpha) - Math.log(alpha)));
}

/** Karras et al. 2022, eq. 5 with ρ = 7, from the largest σ to the smallest, both included. */
export function karrasSigmas({ count, first, last }: { count: number; first: number; last: number }): number[] {
  const high = first ** (1 / 7);
  const low = last ** (1 / 7);
  return Array.from({ length: count }, (_, i) => (high + (count === 1 ? 0 : i / (count - 1)) * (low - high)) ** 7);
}

/**
 * Karras levels for image to image: the first `skipped` of them are not visited, and those that are begin at `start`, the σ at which
 * evenly spaced steps would begin, so that one strength is one noise level for every sampler. Karras levels themselves spend half of
 * their steps where nothing of an image is left.
 */
export function karrasSigmasFrom(
  { skipped, start }: { skipped: number; start: number },
  range: { count: number; first: number; last: number },
): number[] {
  const whole = karrasSigmas(range);
  if (skipped === 0 || skipped >= range.count) return whole;
  const { count, first, last } = range;
  return [...whole.slice(0, skipped), ...karrasSigmas({ count: count - skipped, first: Math.min(start, first), last })];
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

/**
 * The plan of one-step ODE samplers: linspace is not rounded, σ is interpolated between trained timesteps, and Karras
 * levels run between the first and the last σ of the spacing; the network is told the fractional timestep.
 */
export function sigmaPlan(options: PlanOptions): StepPlan {
  const { alphas, karras = false, finalSigma = 'zero', skipped = 0 } = options;
  const end = finalSigma === 'zero' ? { signal: 1, noise: 0 } : levelOfAlpha(alphas[0] ?? 1);
  const steps = fractionalSteps(options);
  if (!karras) return { timesteps: steps.map(([t]) => t), levels: steps.map(([, sigma]) => levelOfSigma(sigma)), end };
  const logs = logSigmas(alphas);
  const finite = steps.map(([, sigma]) => sigma).filter(Number.isFinite);
  const first = finite[0] ?? 1;
  const range = { count: steps.length, first, last: finite.at(-1) ?? first };
  const sigmas = karrasSigmasFrom({ skipped, start: steps[skipped]?.[1] ?? first }, range);
  return { timesteps: sigmas.map((sigma) => timestepOfSigma(sigma, logs)), levels: sigmas.map(levelOfSigma), end };
}

/** Each is [timestep, σ]. */
function fractionalSteps(options: PlanOptions): [number, number][] {
  const { alphas, count, spacing, visited, largestSigma = Infinity } = options;
  const last = alphas.length - 1;
  const wanted =
    visited ??
    (spacing === 'linspace' ? linspaceDescending(count, last) : timesteps({ ...options, trained: alphas.length }));
  const sigmas = Array.from(alphas, (alpha) => Math.sqrt((1 - alpha) / alpha));
  // The whole row is drawn together until its first entry keeps to the largest σ.
  const reach = (sigmas[last] ?? 0) <= largestSigma ? 1 : timestepOfSigma(largestSigma, logSigmas(alphas)) / last;
  return wanted.map((full) => {
    const timestep = full * reach;
    const below = Math.floor(timestep);
    const low = sigmas[below] ?? 0;
    const share = timestep - below;
    return [timestep, share === 0 ? low : low + share * ((sigmas[below + 1] ?? low) - low)];
  });
}

function linspaceDescending(count: number, last: number): number[] {
  if (count === 1) return [0];
  return Array.from({ length: count }, (_, i) => ((count - 1 - i) * last) / (count - 1));
}
