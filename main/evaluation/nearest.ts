export interface Candidate<Key> {
  key: Key;
  /** In 0…1, on the grid of the query. */
  pixels: Float32Array;
}

export interface Neighbour<Key> {
  key: Key;
  /** Root mean square of the differences; 0 = identical. */
  distance: number;
  /** Pearson correlation of the pixels; 0 where either image is constant. */
  correlation: number;
}

/**
 * The `most` candidates nearest to the query, best first; of equally near ones the earlier comes first. A candidate is
 * given up as soon as its sum of squares passes that of the worst one kept, and candidates are taken from the iterable
 * one at a time, so that they need not lie in memory together. Throws RangeError when a candidate has another size.
 */
export function nearestImages<Key>(
  query: Float32Array,
  candidates: Iterable<Candidate<Key>>,
  most: number,
): Neighbour<Key>[] {
  const kept: { candidate: Candidate<Key>; squares: number }[] = [];
  for (const candidate of candidates) {
    if (candidate.pixels.length !== query.length)
      throw new RangeError(`A candidate has ${candidate.pixels.length} pixels where the query has ${query.length}.`);
    const limit = kept.length < most ? Infinity : (kept.at(-1)?.squares ?? 0);
    const squares = sumOfSquaredDifferences(query, candidate.pixels, limit);
    if (squares >= limit) continue;
    const place = kept.findIndex((other) => other.squares > squares);
    kept.splice(place === -1 ? kept.length : place, 0, { candidate, squares });
    kept.length = Math.min(kept.length, most);
  }
  return kept.map(({ candidate, squares }) => ({
    key: candidate.key,
    distance: Math.sqrt(squares / query.length),
    correlation: correlation(query, candidate.pixels),
  }));
}

const blockLength = 1024;

/** Stops early with any value ≥ limit. */
function sumOfSquaredDifferences(left: Float32Array, right: Float32Array, limit: number): number {
  let sum = 0;
  for (let start = 0; start < left.length && sum < limit; start += blockLength) {
    const end = Math.min(start + blockLength, left.length);
    for (let index = start; index < end; index++) {
      const difference = left[index]! - right[index]!;
      sum += difference * difference;
    }
  }
  return sum;
}

/** Two passes: subtracting the means first keeps the sums exact for images far from zero. */
function correlation(left: Float32Array, right: Float32Array): number {
  const meanLeft = mean(left);
  const meanRight = mean(right);
  let product = 0;
  let squareLeft = 0;
  let squareRight = 0;
  for (let index = 0; index < left.length; index++) {
    const a = left[index]! - meanLeft;
    const b = right[index]! - meanRight;
    product += a * b;
    squareLeft += a * a;
    squareRight += b * b;
  }
  const scale = Math.sqrt(squareLeft * squareRight);
  return scale === 0 ? 0 : Math.max(-1, Math.min(1, product / scale));
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
