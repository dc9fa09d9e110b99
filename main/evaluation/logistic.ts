/** One row for each image, row-major. */
export interface FeatureRows {
  values: Float64Array;
  count: number;
  dimension: number;
}

export interface LogisticModel {
  weights: Float64Array;
  intercept: number;
}

const memory = 10;
const mostIterations = 500;
/** Where the largest slope is this share of the first one. */
const exact = 1e-8;

/**
 * Logistic regression with a square penalty: ½ |w|² + C Σ log(1 + exp(−y (w·x + b))) is made small, y = ±1, the intercept b free. By
 * L-BFGS (Liu and Nocedal 1989) from zero; the function is convex, so the answer is the only one. `rows` are those to learn from,
 * `labels` (1 or 0) holds one for each row of the features. Throws RangeError where the rows are all of one class.
 */
export function fitLogistic(
  features: FeatureRows,
  {
    rows,
    labels,
    penalty,
    tolerance = exact,
  }: { rows: Int32Array; labels: ArrayLike<number>; penalty: number; tolerance?: number },
): LogisticModel {
  const positive = rows.reduce((sum, row) => sum + labels[row]!, 0);
  if (positive === 0 || positive === rows.length) throw new RangeError('A classifier needs images of both classes.');
  const { dimension } = features;
  const evaluate = (point: Float64Array, gradient: Float64Array): number => {
    gradient.set(point);
    gradient[dimension] = 0;
    let value = 0;
    for (let i = 0; i < dimension; i++) value += 0.5 * point[i]! * point[i]!;
    for (const row of rows) {
      const sign = labels[row] === 1 ? 1 : -1;
      const margin = sign * scoreOf(features, row, point);
      value += penalty * (margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin);
      const slope = (-penalty * sign) / (1 + Math.exp(margin));
      const at = row * dimension;
      for (let i = 0; i < dimension; i++) gradient[i]! += slope * features.values[at + i]!;
      gradient[dimension]! += slope;
    }
    return value;
  };
  const point = minimise(evaluate, { size: dimension + 1, tolerance });
  return { weights: point.slice(0, dimension), intercept: point[dimension]! };
}

/** w·x + b of one row: the logarithm of the odds of class 1. */
export function logisticScore(features: FeatureRows, row: number, { weights, intercept }: LogisticModel): number {
  let sum = intercept;
  const at = row * features.dimension;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * features.values[at + i]!;
  return sum;
}

function scoreOf({ values, dimension }: FeatureRows, row: number, point: Float64Array): number {
  let sum = point[dimension]!;
  const at = row * dimension;
  for (let i = 0; i < dimension; i++) sum += point[i]! * values[at + i]!;
  return sum;
}

/** From zero to where the largest slope is `tolerance` of the first one. */
function minimise(
  evaluate: (point: Float64Array, gradient: Float64Array) => number,
  { size, tolerance }: { size: number; tolerance: number },
): Float64Array {
  let point = new Float64Array(size);
  let gradient = new Float64Array(size);
  let value = evaluate(point, gradient);
  const enough = tolerance * Math.max(1e-12, largest(gradient));
  const pairs: { step: Float64Array; change: Float64Array; scale: number }[] = [];
  for (let iteration = 0; iteration < mostIterations && largest(gradient) > enough; iteration++) {
    const direction = descent(gradient, pairs);
    const slope = dot(direction, gradient);
    let length = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const next = new Float64Array(size);
    const nextGradient = new Float64Array(size);
    let nextValue = Infinity;
    // Armijo's rule; where even tiny steps do not help, rounding is reached.
    for (let halvings = 0; halvings < 40; halvings++, length /= 2) {
      for (let i = 0; i < size; i++) next[i] = point[i]! + length * direction[i]!;
      nextValue = evaluate(next, nextGradient);
      if (nextValue <= value + 1e-4 * length * slope) break;
    }
    if (!(nextValue < value)) break;
    const step = next.map((one, i) => one - point[i]!);
    const change = nextGradient.map((one, i) => one - gradient[i]!);
    const curvature = dot(step, change);
    if (curvature > 1e-14 * dot(change, change)) pairs.push({ step, change, scale: 1 / curvature });
    if (pairs.length > memory) pairs.shift();
    [point, gradient, value] = [next, nextGradient, nextValue];
  }
  return point;
}

/** The two-loop recursion: minus the inverse of the curvature so far, times the gradient. */
function descent(
  gradient: Float64Array,
  pairs: readonly { step: Float64Array; change: Float64Array; scale: number }[],
): Float64Array {
  const direction = gradient.map((value) => -value);
  const shares: number[] = [];
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { step, change, scale } = pairs[k]!;
    const share = scale * dot(step, direction);
    shares[k] = share;
    for (let i = 0; i < direction.length; i++) direction[i]! -= share * change[i]!;
  }
  const newest = pairs.at(-1);
  if (newest !== undefined) {
    const factor = 1 / (newest.scale * dot(newest.change, newest.change));
    for (let i = 0; i < direction.length; i++) direction[i]! *= factor;
  }
  pairs.forEach(({ step, change, scale }, k) => {
    const share = shares[k]! - scale * dot(change, direction);
    for (let i = 0; i < direction.length; i++) direction[i]! += share * step[i]!;
  });
  return direction;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!;
  return sum;
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
