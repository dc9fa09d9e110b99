import type { Normaliser } from './normalise.ts';

/** Haematoxylin and eosin as optical densities of red, green, blue, and the 99th percentiles of their amounts (Macenko et al. 2009). */
const reference = {
  haematoxylin: [0.5626, 0.7201, 0.4062],
  eosin: [0.2159, 0.8012, 0.5581],
  amounts: [1.9705, 1.0308],
} as const;

const background = 240;
/** Pixels with less optical density in any colour are glass. */
const leastDensity = 0.15;
const anglePercentile = 0.01;

type Vector = [number, number, number];

export interface Stains {
  haematoxylin: Vector;
  eosin: Vector;
  amounts: [number, number];
}

/**
 * Stain vectors of a slide after Macenko et al. 2009: the plane of the two largest variances of optical density, and in it the first
 * and the last percent of angles. Null where there is too little tissue to tell.
 */
export function findStains(rgb: Uint8Array): Stains | null {
  const densities: Vector[] = [];
  for (let i = 0; i + 2 < rgb.length; i += 3) {
    const density = [0, 1, 2].map((c) => densityOf(rgb[i + c]!)) as Vector;
    if (density.every((value) => value > leastDensity)) densities.push(density);
  }
  if (densities.length < 100) return null;
  const [first, second] = principalAxes(densities);
  const angles = Float64Array.from(densities, (density) =>
    Math.atan2(dot(density, second), dot(density, first)),
  ).sort();
  const along = (angle: number): Vector =>
    first.map((value, i) => value * Math.cos(angle) + second[i]! * Math.sin(angle)) as Vector;
  const [low, high] = [along(percentile(angles, anglePercentile)), along(percentile(angles, 1 - anglePercentile))];
  // Haematoxylin takes more red than eosin.
  const [haematoxylin, eosin] = low[0] > high[0] ? [low, high] : [high, low];
  const solve = solver(haematoxylin, eosin);
  const amounts = densities.map(solve);
  const top = (which: 0 | 1): number => percentile(Float64Array.from(amounts, (pair) => pair[which]).sort(), 0.99);
  return { haematoxylin, eosin, amounts: [top(0), top(1)] };
}

export function macenko(tissue: Uint8Array): Normaliser {
  const stains = findStains(tissue);
  if (stains === null) return () => undefined;
  const solve = solver(stains.haematoxylin, stains.eosin);
  const scales = stains.amounts.map((amount, i) => (amount > 0 ? reference.amounts[i]! / amount : 1));
  const table = Float64Array.from({ length: 256 }, (_, value) => densityOf(value));
  return (rgb) => {
    for (let i = 0; i < rgb.length; i += 3) {
      const [h, e] = solve([table[rgb[i]!]!, table[rgb[i + 1]!]!, table[rgb[i + 2]!]!]);
      const [amountH, amountE] = [h * scales[0]!, e * scales[1]!];
      for (let c = 0; c < 3; c++) {
        const density = amountH * reference.haematoxylin[c]! + amountE * reference.eosin[c]!;
        rgb[i + c] = Math.min(255, Math.max(0, Math.round(background * Math.exp(-density))));
      }
    }
  };
}

function densityOf(value: number): number {
  return -Math.log((value + 1) / background);
}

/** Least squares of a density in two stains. */
function solver(one: Vector, other: Vector): (density: Vector) => [number, number] {
  const [a, b, d] = [dot(one, one), dot(one, other), dot(other, other)];
  const determinant = a * d - b * b;
  return (density) => {
    const [u, v] = [dot(one, density), dot(other, density)];
    return [(d * u - b * v) / determinant, (a * v - b * u) / determinant];
  };
}

/** The eigenvectors of the two largest eigenvalues of the covariance, pointing to more density, by power iteration. */
function principalAxes(values: Vector[]): [Vector, Vector] {
  const mean = [0, 1, 2].map((c) => values.reduce((sum, value) => sum + value[c]!, 0) / values.length);
  const covariance = [0, 1, 2].map((r) =>
    [0, 1, 2].map(
      (c) => values.reduce((sum, v) => sum + (v[r]! - mean[r]!) * (v[c]! - mean[c]!), 0) / (values.length - 1),
    ),
  );
  const first = largestAxis(covariance);
  const strength = dot(first.axis, multiply(covariance, first.axis));
  const rest = covariance.map((row, r) => row.map((value, c) => value - strength * first.axis[r]! * first.axis[c]!));
  return [positive(first.axis), positive(largestAxis(rest).axis)];
}

function largestAxis(matrix: number[][]): { axis: Vector } {
  let axis: Vector = [0.6, 0.64, 0.48];
  for (let round = 0; round < 500; round++) {
    const next = multiply(matrix, axis);
    const length = Math.hypot(...next);
    if (length === 0) break;
    axis = next.map((value) => value / length) as Vector;
  }
  return { axis };
}

function multiply(matrix: number[][], vector: Vector): Vector {
  return matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i]!, 0)) as Vector;
}

function positive(axis: Vector): Vector {
  return axis[0] < 0 ? (axis.map((value) => -value) as Vector) : axis;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
}

/** Of sorted values, linear between them. */
function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (place - low);
}
