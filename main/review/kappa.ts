export type Weighting = 'none' | 'quadratic';

/**
 * Cohen's κ of two readers' ratings of the same cases (Cohen 1960; weighted: Cohen 1968). Quadratic weights take the
 * ratings as numbers, so that the distance of two categories is that of their values. NaN when both readers gave one and
 * the same rating throughout. Throws RangeError when the lengths differ or are zero.
 */
export function cohenKappa(first: readonly number[], second: readonly number[], weighting: Weighting = 'none'): number {
  if (first.length !== second.length || first.length === 0)
    throw new RangeError(
      `Both readers must have rated the same cases; they rated ${first.length} and ${second.length}.`,
    );
  const disagreement = (a: number, b: number) => (weighting === 'quadratic' ? (a - b) ** 2 : a === b ? 0 : 1);
  const observed = first.reduce((sum, rating, index) => sum + disagreement(rating, second[index]!), 0) / first.length;
  const expected =
    first.reduce((sum, a) => sum + second.reduce((inner, b) => inner + disagreement(a, b), 0), 0) / first.length ** 2;
  return 1 - observed / expected;
}

/**
 * Fleiss' κ (Fleiss 1971). `counts[case][category]` says how many readers chose the category; every case has the same
 * number of readers, at least two. NaN when only one category was ever chosen. Throws RangeError when the readers per case differ.
 */
export function fleissKappa(counts: readonly (readonly number[])[]): number {
  const readers = total(counts[0] ?? []);
  if (readers < 2 || counts.some((row) => total(row) !== readers))
    throw new RangeError('Every case must be rated by the same number of readers, two or more.');
  const agreement = counts.map((row) => total(row.map((count) => count * (count - 1))) / (readers * (readers - 1)));
  const observed = total(agreement) / counts.length;
  const shares = counts[0]!.map(
    (_, category) => total(counts.map((row) => row[category]!)) / (counts.length * readers),
  );
  const expected = total(shares.map((share) => share ** 2));
  return (observed - expected) / (1 - expected);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
