/** β schedules of the forward process and their cumulative signal share ᾱ, all in float64. */

export type ScheduleKind = 'linear' | 'scaled_linear' | 'cosine' | 'sigmoid';

export interface ScheduleSettings {
  /** T, the number of trained timesteps. */
  steps: number;
  kind: ScheduleKind;
  /** First and last β; null for the cosine schedule, which has none. */
  betaStart: number | null;
  betaEnd: number | null;
  zeroTerminalSnr: boolean;
}

/**
 * ᾱ_t for t = 0 … T−1, the product of 1 − β up to t.
 * Cosine: Nichol & Dhariwal 2021, eq. 17. Zero terminal SNR: Lin et al. 2024, algorithm 1 (ᾱ of the last step is 0).
 */
export function alphasCumulative(settings: ScheduleSettings): Float64Array {
  const alphas = new Float64Array(settings.steps);
  let product = 1;
  betas(settings).forEach((beta, t) => {
    product *= 1 - beta;
    alphas[t] = product;
  });
  return settings.zeroTerminalSnr ? rescaledToZeroTerminalSnr(alphas) : alphas;
}

function betas({ steps, kind, betaStart, betaEnd }: ScheduleSettings): Float64Array {
  if (kind === 'cosine') return cosineBetas(steps);
  if (betaStart === null || betaEnd === null) throw new RangeError(`A ${kind} schedule needs betaStart and betaEnd.`);
  const ramp = (t: number, first: number, last: number): number =>
    steps === 1 ? first : first + (t / (steps - 1)) * (last - first);
  return Float64Array.from({ length: steps }, (_, t) => {
    switch (kind) {
      case 'linear':
        return ramp(t, betaStart, betaEnd);
      case 'scaled_linear':
        return ramp(t, Math.sqrt(betaStart), Math.sqrt(betaEnd)) ** 2;
      case 'sigmoid':
        return (betaEnd - betaStart) / (1 + Math.exp(-ramp(t, -6, 6))) + betaStart;
    }
  });
}

function cosineBetas(steps: number): Float64Array {
  const signal = (time: number): number => Math.cos(((time + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  return Float64Array.from({ length: steps }, (_, t) =>
    Math.min(1 - signal((t + 1) / steps) / signal(t / steps), 0.999),
  );
}

function rescaledToZeroTerminalSnr(alphas: Float64Array): Float64Array {
  const roots = alphas.map(Math.sqrt);
  const first = roots[0] ?? 1;
  const last = roots.at(-1) ?? 0;
  return roots.map((root) => (((root - last) * first) / (first - last)) ** 2);
}
