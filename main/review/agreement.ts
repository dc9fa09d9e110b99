import type { Interval } from '../../preload/domain.ts';
import { exactInterval } from './binomial.ts';
import { cohenKappa } from './kappa.ts';

export type Metric = 'nominal' | 'ordinal' | 'interval';

/**
 * Krippendorff's α (Krippendorff 2011, "Computing Krippendorff's alpha-reliability"). `ratings[reader][case]`, null where a
 * reader gave none. NaN when nothing can be paired or one category alone was used.
 */
export function krippendorffAlpha(ratings: readonly (readonly (number | null)[])[], metric: Metric): number {
  const cases = Array.from({ length: ratings[0]?.length ?? 0 }, (_, index) =>
    ratings.flatMap((reader) => reader[index] ?? []),
  ).filter((values) => values.length > 1);
  const values = [...new Set(cases.flat())].sort((a, b) => a - b);
  const place = new Map(values.map((value, index) => [value, index]));
  const coincidences = values.map(() => new Array<number>(values.length).fill(0));
  for (const rated of cases)
    for (let i = 0; i < rated.length; i++)
      for (let j = 0; j < rated.length; j++)
        if (i !== j) coincidences[place.get(rated[i]!)!]![place.get(rated[j]!)!]! += 1 / (rated.length - 1);
  const totals = coincidences.map((row) => row.reduce((sum, count) => sum + count, 0));
  const all = totals.reduce((sum, count) => sum + count, 0);
  let observed = 0;
  let expected = 0;
  for (let c = 0; c < values.length; c++)
    for (let k = c + 1; k < values.length; k++) {
      const distance = distanceOf({ metric, values, totals }, c, k);
      observed += coincidences[c]![k]! * distance;
      expected += totals[c]! * totals[k]! * distance;
    }
  return 1 - ((all - 1) * observed) / expected;
}

function distanceOf(
  { metric, values, totals }: { metric: Metric; values: number[]; totals: number[] },
  c: number,
  k: number,
): number {
  if (metric === 'nominal') return 1;
  if (metric === 'interval') return (values[c]! - values[k]!) ** 2;
  const between = totals.slice(c, k + 1).reduce((sum, count) => sum + count, 0);
  return (between - (totals[c]! + totals[k]!) / 2) ** 2;
}

/** How a reader agrees with him- or herself on cases that were shown twice. */
export function intraReader(pairs: readonly (readonly [number, number])[]): {
  agreement: Interval;
  kappa: number | null;
} {
  const kappa =
    pairs.length === 0
      ? NaN
      : cohenKappa(
          pairs.map(([first]) => first),
          pairs.map(([, second]) => second),
        );
  const same = pairs.filter(([first, second]) => first === second).length;
  return { agreement: exactInterval(same, pairs.length), kappa: Number.isFinite(kappa) ? kappa : null };
}
