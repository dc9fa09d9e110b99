import type { NoiseLevel } from './prediction.ts';

/**
 * SDEdit (Meng et al. 2022): how many of `steps` steps are left out for a strength from 0 to 1.
 * Strength 0 leaves out all of them (the image stays), strength 1 none.
 */
export function skippedSteps(steps: number, strength: number): number {
  return steps - Math.min(Math.trunc(steps * strength), steps);
}

/** Brings a clean sample to a noise level, in place: x = signal · x0 + noise · ε. */
export function addNoise(sample: Float64Array, noise: Float64Array, level: NoiseLevel): void {
  for (let i = 0; i < sample.length; i++) {
    sample[i] = level.signal * (sample[i] ?? 0) + level.noise * (noise[i] ?? 0);
  }
}
