import type { NoiseLevel } from '../prediction.ts';
import { predictClean, predictNoise } from '../prediction.ts';
import type { SamplerSetup } from './sampler.ts';

/**
 * What a multistep solver extrapolates, written to `smooth`: the constrained clean sample, or the noise that belongs
 * to it.
 */
export function solverOutput(
  { prediction, constrain, solver }: SamplerSetup,
  level: NoiseLevel,
  values: { sample: Float64Array; output: ArrayLike<number>; smooth: Float64Array },
): void {
  const { sample, output, smooth } = values;
  if (solver?.smooth !== 'noise') {
    predictClean({ prediction, level }, sample, output, smooth);
    constrain?.(smooth);
    return;
  }
  if (constrain === null) return predictNoise({ prediction, level }, sample, output, smooth);
  predictClean({ prediction, level }, sample, output, smooth);
  constrain(smooth);
  for (let i = 0; i < smooth.length; i++)
    smooth[i] = ((sample[i] ?? 0) - level.signal * (smooth[i] ?? 0)) / level.noise;
}

/** At the clean image, where nothing is left to extrapolate. */
export function arrive({ solver }: SamplerSetup, level: NoiseLevel, smooth: Float64Array, sample: Float64Array): void {
  if (solver?.smooth !== 'noise') return sample.set(smooth);
  for (let i = 0; i < sample.length; i++) {
    sample[i] = ((sample[i] ?? 0) - level.noise * (smooth[i] ?? 0)) / level.signal;
  }
}
