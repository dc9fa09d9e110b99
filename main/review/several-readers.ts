import { studentCritical, studentTwoSided } from './distributions.ts';
import {
  type Estimator,
  type Moments,
  productMoments,
  type ReaderRatings,
  type VarianceComponents,
} from './moments.ts';
import { normalTwoSided, z975 } from './normal.ts';

/** A reader-averaged area, or the difference of two, with readers and cases both taken as random. */
export interface SeveralReaders {
  value: number;
  variance: number;
  /** Against 0.5 for an area, against 0 for a difference. */
  normal: { pValue: number; low: number; high: number };
  /** Student's t with the degrees of freedom of Obuchowski, Gallas and Hillis. */
  bdg: { degrees: number; pValue: number; low: number; high: number };
  estimator: Estimator;
  readers: number;
  n: { real: number; synthetic: number };
}

/** The area under the ROC curve, averaged over readers. A fully crossed study: every reader rated every case. */
export function severalReadersArea(readers: readonly ReaderRatings[], estimator: Estimator): SeveralReaders {
  const own = productMoments(readers, readers, estimator);
  const unbiased = productMoments(readers, readers, 'U-statistic').components;
  return summarise({
    readers,
    estimator,
    value: meanArea(readers),
    chance: 0.5,
    variance: own.covariance,
    components: unbiased,
  });
}

/** Difference first − second of two modalities that the same readers rated on the same cases. */
export function severalReadersDifference(
  first: readonly ReaderRatings[],
  second: readonly ReaderRatings[],
  estimator: Estimator,
): SeveralReaders {
  const pairs = [
    [first, first],
    [second, second],
    [first, second],
  ] as const;
  const of = (kind: Estimator) => pairs.map(([a, b]) => productMoments(a, b, kind)) as [Moments, Moments, Moments];
  const [a, b, both] = of(estimator);
  const [ua, ub, uboth] = of('U-statistic').map(({ components }) => components) as [
    VarianceComponents,
    VarianceComponents,
    VarianceComponents,
  ];
  const names = Object.keys(ua) as (keyof VarianceComponents)[];
  const components = Object.fromEntries(
    names.map((name) => [name, ua[name] + ub[name] - 2 * uboth[name]]),
  ) as unknown as VarianceComponents;
  return summarise({
    readers: first,
    estimator,
    value: meanArea(first) - meanArea(second),
    chance: 0,
    variance: a.covariance + b.covariance - 2 * both.covariance,
    components,
  });
}

function meanArea(readers: readonly ReaderRatings[]): number {
  const { moments } = productMoments(readers, readers, 'MLE');
  return Math.sqrt(moments[7]!);
}

/**
 * As the iMRMC software does: whole degrees of freedom for t, the normal distribution from 50 on. A variance that the
 * U-statistic estimates below zero counts as zero.
 */
function summarise(facts: {
  readers: readonly ReaderRatings[];
  estimator: Estimator;
  value: number;
  chance: number;
  variance: number;
  components: VarianceComponents;
}): SeveralReaders {
  const { readers, estimator, value, chance, components } = facts;
  const n = { real: readers[0]!.real.length, synthetic: readers[0]!.synthetic.length };
  const variance = Math.max(0, facts.variance);
  const spread = Math.sqrt(variance);
  const z = spread === 0 ? (value === chance ? 0 : Infinity) : (value - chance) / spread;
  const degrees = bdgDegrees(components, variance, { readers: readers.length, ...n });
  const normal = { pValue: normalTwoSided(z), low: value - z975 * spread, high: value + z975 * spread };
  const whole = Math.floor(degrees + 1e-9);
  const critical = studentCritical(0.05, whole);
  const bdg =
    degrees >= 50
      ? { degrees, ...normal }
      : { degrees, pValue: studentTwoSided(z, whole), low: value - critical * spread, high: value + critical * spread };
  return { value, variance, normal, bdg, estimator, readers: readers.length, n };
}

/**
 * Satterthwaite's degrees of freedom over the mean squares of readers, real and synthetic cases, never fewer than the
 * smallest of the three counts less one (Obuchowski, Gallas and Hillis, Acad Radiol 2012; 19:1508).
 */
function bdgDegrees(
  components: VarianceComponents,
  variance: number,
  { readers, real, synthetic }: { readers: number; real: number; synthetic: number },
): number {
  const { N, D, ND, R, NR, DR, RND } = components;
  const all = readers * real * synthetic;
  const ofReal = (readers * synthetic * N + synthetic * NR + readers * ND + RND) / all;
  const ofSynthetic = (readers * real * D + real * DR + readers * ND + RND) / all;
  const ofReaders = (real * synthetic * R + synthetic * NR + real * DR + RND) / all;
  const parts = ofReaders ** 2 / (readers - 1) + ofReal ** 2 / (real - 1) + ofSynthetic ** 2 / (synthetic - 1);
  const least = Math.min(readers, real, synthetic) - 1;
  return parts > 0 ? Math.max(least, variance ** 2 / parts) : least;
}
