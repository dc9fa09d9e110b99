/** One row of extractor output per image, row-major: `count` × `dimension` values. */
export interface Features {
  values: ArrayLike<number>;
  count: number;
  dimension: number;
}

/** Throws RangeError unless both sets have rows of one length and at least `fewest` of them. */
export function requireComparable(real: Features, synthetic: Features, fewest: number): void {
  for (const { values, count, dimension } of [real, synthetic])
    if (values.length !== count * dimension)
      throw new RangeError(`The features hold ${values.length} values, not ${count} rows of ${dimension}.`);
  if (real.dimension !== synthetic.dimension)
    throw new RangeError(
      `The features have ${real.dimension} and ${synthetic.dimension} values per image; both need the same extractor.`,
    );
  if (Math.min(real.count, synthetic.count) < fewest)
    throw new RangeError(`This needs at least ${fewest} images in each set, not ${real.count} and ${synthetic.count}.`);
}
