import { normalCdf, normalDensity, normalQuantile } from './distributions.ts';
import { z975 } from './normal.ts';

export interface SignalDetection {
  dPrime: number;
  low: number;
  high: number;
  /** Above 0: the reader says "synthetic" less readily than "real". */
  criterion: number;
}

/**
 * d′ = z(H) − z(F) and criterion c = −(z(H) + z(F))/2 of a yes-or-no task, with ½ added to every count and 1 to every
 * total (the log-linear rule, Hautus 1995), so that rates of 0 and 1 have a value. Interval: Gourevitch and Galanter (1967).
 */
export function signalDetection(counts: {
  hits: number;
  synthetic: number;
  falseAlarms: number;
  real: number;
}): SignalDetection {
  const rate = (count: number, of: number) => (count + 0.5) / (of + 1);
  const hit = rate(counts.hits, counts.synthetic);
  const alarm = rate(counts.falseAlarms, counts.real);
  const [zh, zf] = [normalQuantile(hit), normalQuantile(alarm)];
  const part = (p: number, z: number, n: number) => (p * (1 - p)) / ((n + 1) * normalDensity(z) ** 2);
  const half = z975 * Math.sqrt(part(hit, zh, counts.synthetic) + part(alarm, zf, counts.real));
  return { dPrime: zh - zf, low: zh - zf - half, high: zh - zf + half, criterion: -(zh + zf) / 2 };
}

/**
 * d′ of choosing one of m: the share that is right is ∫ φ(z − d′) Φ(z)^(m−1) dz (Green and Dai 1991; for m = 2 it is
 * √2·z(pc)). A share at or below 0 or at 1 is moved by half a trial.
 */
export function forcedChoiceDPrime(right: number, trials: number, choices: number): number {
  const share = Math.min(1 - 0.5 / trials, Math.max(0.5 / trials, right / trials));
  let [low, high] = [-8, 12];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (forcedChoiceShare(middle, choices) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Simpson's rule over ±9 standard deviations round d′. */
function forcedChoiceShare(dPrime: number, choices: number): number {
  const steps = 600;
  const width = 18 / steps;
  let sum = 0;
  for (let k = 0; k <= steps; k++) {
    const z = dPrime - 9 + k * width;
    const weight = k === 0 || k === steps ? 1 : k % 2 === 1 ? 4 : 2;
    sum += weight * normalDensity(z - dPrime) * normalCdf(z) ** (choices - 1);
  }
  return (sum * width) / 3;
}
