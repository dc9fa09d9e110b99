import { symmetricEigenvalues } from '../symmetric-eigen.ts';
import { entropyTerm, halfNeighbours, type Region } from './region.ts';

/** The 24 features of symmetric co-occurrence matrices at distance 1, averaged over the four directions (IBSI, PyRadiomics). */
export function glcm(region: Region): Record<string, number> {
  const found = [...halfNeighbours(region)].flatMap((step) => {
    const matrix = coOccurrence(region, step);
    return matrix === null ? [] : [featuresOf(matrix, region.count)];
  });
  const names = Object.keys(found[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, found.reduce((sum, features) => sum + features[name]!, 0) / found.length]),
  );
}

/** Shares of pairs, row-major over levels 1 … count; null where no two neighbours lie in the region. */
function coOccurrence({ count, levels }: Region, step: number): Float64Array | null {
  const matrix = new Float64Array(count * count);
  let pairs = 0;
  for (let place = 0; place < levels.length; place++) {
    const own = levels[place]!;
    if (own === 0) continue;
    const other = levels[place + step]!;
    if (other === 0) continue;
    matrix[(own - 1) * count + other - 1]!++;
    matrix[(other - 1) * count + own - 1]!++;
    pairs += 2;
  }
  return pairs === 0 ? null : matrix.map((value) => value / pairs);
}

function featuresOf(p: Float64Array, count: number): Record<string, number> {
  const marginal = new Float64Array(count + 1);
  const sums = new Float64Array(2 * count + 1);
  const differences = new Float64Array(count);
  forEach(p, count, (share, i, j) => {
    marginal[i]! += share;
    sums[i + j]! += share;
    differences[Math.abs(i - j)]! += share;
  });
  const mean = marginal.reduce((sum, share, i) => sum + share * i, 0);
  const variance = marginal.reduce((sum, share, i) => sum + share * (i - mean) ** 2, 0);
  const total = { autocorrelation: 0, tendency: 0, shade: 0, prominence: 0, covariance: 0, energy: 0, entropy: 0 };
  let [crossOne, crossTwo, largest] = [0, 0, 0];
  forEach(p, count, (share, i, j) => {
    const cluster = i + j - 2 * mean;
    total.autocorrelation += share * i * j;
    total.tendency += share * cluster ** 2;
    total.shade += share * cluster ** 3;
    total.prominence += share * cluster ** 4;
    total.covariance += share * (i - mean) * (j - mean);
    total.energy += share * share;
    total.entropy += entropyTerm(share);
    largest = Math.max(largest, share);
    crossOne -= share * Math.log2(marginal[i]! * marginal[j]!);
  });
  for (let i = 1; i <= count; i++)
    for (let j = 1; j <= count; j++) crossTwo += entropyTerm(marginal[i]! * marginal[j]!);
  const ownEntropy = marginal.reduce((sum, share) => sum + entropyTerm(share), 0);
  const differenceMean = differences.reduce((sum, share, k) => sum + share * k, 0);
  const over = (values: Float64Array, weight: (k: number) => number): number =>
    values.reduce((sum, share, k) => sum + (share === 0 ? 0 : share * weight(k)), 0);
  return {
    Autocorrelation: total.autocorrelation,
    ClusterProminence: total.prominence,
    ClusterShade: total.shade,
    ClusterTendency: total.tendency,
    Contrast: over(differences, (k) => k * k),
    Correlation: variance === 0 ? 1 : total.covariance / variance,
    DifferenceAverage: differenceMean,
    DifferenceEntropy: differences.reduce((sum, share) => sum + entropyTerm(share), 0),
    DifferenceVariance: over(differences, (k) => (k - differenceMean) ** 2),
    Id: over(differences, (k) => 1 / (1 + k)),
    Idm: over(differences, (k) => 1 / (1 + k * k)),
    Idmn: over(differences, (k) => 1 / (1 + (k / count) ** 2)),
    Idn: over(differences, (k) => 1 / (1 + k / count)),
    Imc1: ownEntropy === 0 ? 0 : (total.entropy - crossOne) / ownEntropy,
    Imc2: Math.sqrt(Math.max(0, 1 - Math.exp(-2 * (crossTwo - total.entropy)))),
    InverseVariance: over(differences, (k) => (k === 0 ? 0 : 1 / (k * k))),
    JointAverage: mean,
    JointEnergy: total.energy,
    JointEntropy: total.entropy,
    MCC: maximalCorrelation(p, marginal, count),
    MaximumProbability: largest,
    SumAverage: over(sums, (k) => k),
    SumEntropy: sums.reduce((sum, share) => sum + entropyTerm(share), 0),
    SumSquares: variance,
  };
}

/**
 * The root of the second largest eigenvalue of Q(i, j) = Σ p(i, k) p(j, k) / (p(i) p(k)). The matrix is symmetric, so Q is similar
 * to the square of p(i, j) / √(p(i) p(j)) and the second largest size of its eigenvalues is that root.
 */
function maximalCorrelation(p: Float64Array, marginal: Float64Array, count: number): number {
  const used = Array.from({ length: count }, (_, i) => i + 1).filter((i) => marginal[i]! > 0);
  if (used.length < 2) return 1;
  const scaled = new Float64Array(used.length ** 2);
  used.forEach((i, row) =>
    used.forEach((j, column) => {
      scaled[row * used.length + column] = p[(i - 1) * count + j - 1]! / Math.sqrt(marginal[i]! * marginal[j]!);
    }),
  );
  return symmetricEigenvalues(scaled, used.length).map(Math.abs).sort().at(-2)!;
}

/** Every share above 0 with its levels, from 1. */
function forEach(p: Float64Array, count: number, visit: (share: number, i: number, j: number) => void): void {
  for (let i = 1; i <= count; i++)
    for (let j = 1; j <= count; j++) {
      const share = p[(i - 1) * count + j - 1]!;
      if (share > 0) visit(share, i, j);
    }
}
