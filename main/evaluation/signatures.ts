import type { FailureSignatures, Signature } from '../../preload/evaluation.ts';
import { quantile } from './resampling.ts';
import type { SpectralScores } from './spectrum.ts';
import { spectrumBands } from './spectrum.ts';

/** Throws RangeError when a set is empty. */
export function failureSignatures(real: SpectralScores[], synthetic: SpectralScores[]): FailureSignatures {
  if (real.length === 0 || synthetic.length === 0) throw new RangeError('Both sets need at least one image.');
  const compare = (score: (image: SpectralScores) => number) => signature(real.map(score), synthetic.map(score));
  return {
    checkerboard: compare(({ checkerboard }) => checkerboard),
    overSmoothing: compare(({ sharpness }) => -sharpness),
    lowLaplacian: compare(({ laplacian }) => -laplacian),
    grain: compare(({ sharpness }) => sharpness),
    spectrum: {
      frequencies: Array.from({ length: spectrumBands }, (_, band) => (band + 0.5) / (2 * spectrumBands)),
      real: meanSpectrum(real),
      synthetic: meanSpectrum(synthetic),
    },
  };
}

function signature(real: number[], synthetic: number[]): Signature {
  const sorted = Float64Array.from(real).sort();
  const limit = quantile(sorted, 0.95);
  return {
    synthetic: mean(synthetic),
    real: mean(real),
    auc: areaUnderCurve(real, synthetic),
    beyondReal: synthetic.filter((score) => score > limit).length / synthetic.length,
  };
}

/** Share of pairs in which the second scores higher, ties counted half (Mann and Whitney 1947). */
export function areaUnderCurve(lower: ArrayLike<number>, higher: ArrayLike<number>): number {
  const sorted = Float64Array.from(lower).sort();
  let wins = 0;
  for (let i = 0; i < higher.length; i++) {
    const score = higher[i]!;
    wins += (rank(sorted, score, false) + rank(sorted, score, true)) / 2;
  }
  return wins / (lower.length * higher.length);
}

/** How many values lie below `score`, or with `withEqual` not above it. */
function rank(sorted: Float64Array, score: number, withEqual: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < score || (withEqual && sorted[middle] === score)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function meanSpectrum(images: SpectralScores[]): (number | null)[] {
  return Array.from({ length: spectrumBands }, (_, band) => {
    const values = images.map(({ radial }) => radial[band]!).filter(Number.isFinite);
    return values.length === 0 ? null : mean(values);
  });
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
