import type { Features } from './features.ts';

/**
 * Brings every feature to mean 0 and deviation 1 of one set, and leaves out those that do not vary there: the function does the same with
 * any other set of these features. Throws RangeError for an empty set.
 */
export function standardiser({ values, count, dimension }: Features): (set: Features) => Features {
  if (count === 0) throw new RangeError('There is no image to take means and deviations from.');
  const mean = new Float64Array(dimension);
  const deviation = new Float64Array(dimension);
  for (let i = 0; i < count * dimension; i++) mean[i % dimension]! += values[i]! / count;
  for (let i = 0; i < count * dimension; i++)
    deviation[i % dimension]! += (values[i]! - mean[i % dimension]!) ** 2 / count;
  deviation.forEach((square, k) => (deviation[k] = Math.sqrt(square)));
  const used = [...deviation.keys()].filter((k) => deviation[k]! > 1e-9 * Math.max(1, Math.abs(mean[k]!)));
  return (set) => {
    const scaled = new Float64Array(set.count * used.length);
    for (let row = 0; row < set.count; row++)
      used.forEach((k, column) => {
        scaled[row * used.length + column] = (set.values[row * dimension + k]! - mean[k]!) / deviation[k]!;
      });
    return { values: scaled, count: set.count, dimension: used.length };
  };
}
