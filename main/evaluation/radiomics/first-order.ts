import { quantile } from '../resampling.ts';
import { entropyTerm, type Region } from './region.ts';

/** The 18 statistics of the values in the region (IBSI, names of PyRadiomics; kurtosis is not excess, a pixel has volume 1). */
export function firstOrder(pixels: ArrayLike<number>, region: Region): Record<string, number> {
  const values = new Float64Array(region.size);
  const bins = new Float64Array(region.count + 1);
  const { levels, stride, width, height } = region;
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const level = levels[(y + 1) * stride + x + 1]!;
      if (level === 0) continue;
      values[at++] = pixels[y * width + x]!;
      bins[level]!++;
    }
  values.sort();
  const mean = meanOf(values);
  let [second, third, fourth, energy] = [0, 0, 0, 0];
  for (const value of values) {
    const apart = value - mean;
    const square = apart * apart;
    second += square;
    third += square * apart;
    fourth += square * square;
    energy += value * value;
  }
  const variance = second / values.length;
  const at10 = quantile(values, 0.1);
  const at90 = quantile(values, 0.9);
  const inner = values.subarray(
    values.findIndex((value) => value >= at10),
    values.findLastIndex((value) => value <= at90) + 1,
  );
  const innerMean = meanOf(inner);
  const shares = bins.map((count) => count / region.size);
  const [minimum, maximum] = [values[0]!, values.at(-1)!];
  return {
    '10Percentile': at10,
    '90Percentile': at90,
    Energy: energy,
    Entropy: shares.reduce((sum, share) => sum + entropyTerm(share), 0),
    InterquartileRange: quantile(values, 0.75) - quantile(values, 0.25),
    Kurtosis: variance === 0 ? 0 : fourth / values.length / variance ** 2,
    Maximum: maximum,
    MeanAbsoluteDeviation: deviationOf(values, mean),
    Mean: mean,
    Median: quantile(values, 0.5),
    Minimum: minimum,
    Range: maximum - minimum,
    RobustMeanAbsoluteDeviation: deviationOf(inner, innerMean),
    RootMeanSquared: Math.sqrt(energy / values.length),
    Skewness: variance === 0 ? 0 : third / values.length / variance ** 1.5,
    TotalEnergy: energy,
    Uniformity: shares.reduce((sum, share) => sum + share * share, 0),
    Variance: variance,
  };
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function deviationOf(values: Float64Array, mean: number): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value - mean);
  return sum / values.length;
}
