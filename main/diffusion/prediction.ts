/** What the network was trained to predict: the noise ε, the velocity v, or the clean sample x0. */
export type Prediction = 'epsilon' | 'v' | 'sample';

/** One noise level: x = signal · x0 + noise · ε, with signal² + noise² = 1. */
export interface NoiseLevel {
  /** √ᾱ */
  signal: number;
  /** √(1 − ᾱ) */
  noise: number;
}

/** x0 from the network's output at a noise level (Salimans & Ho 2022, appendix D). Writes `clean`; lengths are equal. */
export function predictClean(
  { prediction, level }: { prediction: Prediction; level: NoiseLevel },
  sample: Float64Array,
  output: ArrayLike<number>,
  clean: Float64Array,
): void {
  const { signal, noise } = level;
  for (let i = 0; i < clean.length; i++) {
    const x = sample[i] ?? 0;
    const y = output[i] ?? 0;
    if (prediction === 'epsilon') clean[i] = (x - noise * y) / signal;
    else if (prediction === 'v') clean[i] = signal * x - noise * y;
    else clean[i] = y;
  }
}

/** ε from the network's output at a noise level. Writes `epsilon`. */
export function predictNoise(
  { prediction, level }: { prediction: Prediction; level: NoiseLevel },
  sample: Float64Array,
  output: ArrayLike<number>,
  epsilon: Float64Array,
): void {
  const { signal, noise } = level;
  for (let i = 0; i < epsilon.length; i++) {
    const x = sample[i] ?? 0;
    const y = output[i] ?? 0;
    if (prediction === 'epsilon') epsilon[i] = y;
    else if (prediction === 'v') epsilon[i] = signal * y + noise * x;
    else epsilon[i] = (x - signal * y) / noise;
  }
}
