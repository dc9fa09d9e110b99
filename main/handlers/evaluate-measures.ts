import type { MetricName, MetricValue } from '../../preload/evaluation.ts';
import { densityCoverage } from '../evaluation/density-coverage.ts';
import type { Features } from '../evaluation/features.ts';
import { frechetDistance, frechetDistanceAtInfinity, rowsOf } from '../evaluation/frechet-distance.ts';
import { discrepancy, gaussianKernels, polynomialKernels } from '../evaluation/kernel-distance.ts';
import { neighbourhoodsAmong } from '../evaluation/neighbourhoods.ts';
import { pairsOf, squaredDistances } from '../evaluation/pairwise.ts';
import { precisionRecall } from '../evaluation/precision-recall.ts';
import { floorOf, type FloorValue, halvesInterval, type Statistic } from '../evaluation/resampling.ts';

type FeatureMetric = Exclude<MetricName, 'msSsim'>;

interface Options {
  /** Of each real image; '' where it is not known. */
  patients: readonly string[];
  labels: readonly string[];
  repeats: number;
  extractor: string;
  /** Called after each repeat with the share of all work that is done; throws to end it. */
  onPart: (share: number) => void;
}

/** The floor needs fewer repeats than an interval: it is a mean. */
const floorRepeats = 20;
const extrapolationRepeats = 8;
const precisionNeighbours = 3;
const densityNeighbours = 5;
/** Below this a share of neighbourhoods says more about n than about the generator. */
const fewestForNeighbours = 50;
const fewestForKernels = 20;
const seed = 20_240_517;

/** All measures of two sets of features, each with interval, floor and n, or with the reason why it is not given. */
export function measureFeatures(
  real: Features,
  synthetic: Features,
  { patients, labels, repeats, extractor, onPart }: Options,
): Record<FeatureMetric, MetricValue> {
  const n = { real: real.count, synthetic: synthetic.count };
  const fewest = Math.min(n.real, n.synthetic);
  let step = 0;
  const steps = 8;
  const advance = (): void => onPart(++step / steps);
  const refused = (note: string): MetricValue => refusedMetric(n, extractor, note);
  const measured = (
    makeStatistic: (other: Features) => Statistic,
    note: string,
    { fewestRows, repeats: count = repeats }: { fewestRows: number; repeats?: number },
  ): MetricValue => {
    const value = measureMetric(
      { real, synthetic, makeStatistic },
      { patients, labels, repeats: count, fewestRows, extractor, note, onRepeat: () => onPart((step + 0.5) / steps) },
    );
    advance();
    return value;
  };

  const width = real.dimension;
  const fidRefusal = refused(
    `Not given: with ${fewest} images and ${width} features the covariance is not of full rank and the distance is mostly bias. It needs more than ${width} images in each set.`,
  );
  const frechet =
    (other: Features): Statistic =>
    (a, b) =>
      frechetDistance(rowsOf(real, a), rowsOf(other, b));
  const fid =
    fewest > width
      ? measured(frechet, `Biased upwards by the number of images; compare only at equal n, or use fidInfinity.`, {
          fewestRows: width + 1,
        })
      : fidRefusal;
  const infinity =
    (other: Features): Statistic =>
    (a, b) =>
      frechetDistanceAtInfinity(rowsOf(real, a), rowsOf(other, b), { seed, onPart: () => onPart((step + 0.5) / steps) })
        ?.value ?? NaN;
  const fidInfinity =
    fewest >= 1.25 * (width + 1)
      ? measured(infinity, 'FID continued to endless sets by a line in 1 / n over parts of both sets.', {
          fewestRows: Math.ceil(1.3 * (width + 1)),
          repeats: Math.min(extrapolationRepeats, repeats),
        })
      : refused(
          `Not given: the extrapolation needs at least ${Math.ceil(1.25 * (width + 1))} images in each set, for parts with more images than features.`,
        );

  const kernelRefusal = refused(`Not given: ${fewest} images are too few; it needs ${fewestForKernels} in each set.`);
  const kernelMetric = (kernels: typeof polynomialKernels, note: string): MetricValue => {
    if (fewest < fewestForKernels) return kernelRefusal;
    return measured(
      (other) => {
        const table = kernels(real, other);
        return (a, b) => discrepancy(table, { real: a, synthetic: b });
      },
      note,
      { fewestRows: 2 },
    );
  };
  const kid = kernelMetric(
    polynomialKernels,
    'Unbiased; may be slightly negative where the sets cannot be told apart.',
  );
  const mmd = kernelMetric(
    gaussianKernels,
    'Squared, unbiased, Gaussian kernel with the median distance of real images as its width.',
  );

  const neighbourMetric = (
    k: number,
    note: string,
    pick: (sets: ReturnType<typeof neighbourhoodsAmong>) => number,
  ): MetricValue => {
    if (fewest < fewestForNeighbours)
      return refused(
        `Not given: ${fewest} images are too few for neighbourhoods; it needs ${fewestForNeighbours} in each set.`,
      );
    return measured(
      (other) => {
        const table = other === real ? realPairs : acrossPairs;
        return (a, b) => pick(neighbourhoodsAmong(table, { real: a, synthetic: b, k }));
      },
      `${note} k = ${k}.`,
      { fewestRows: fewestForNeighbours / 2 },
    );
  };
  const hasNeighbours = fewest >= fewestForNeighbours;
  const acrossPairs = hasNeighbours ? pairsOf(squaredDistances, real, synthetic) : noPairs;
  const realPairs = { real: acrossPairs.real, synthetic: acrossPairs.real, across: acrossPairs.real };
  return {
    fid,
    fidInfinity,
    kid,
    mmd,
    precision: neighbourMetric(
      precisionNeighbours,
      'Share of synthetic images among the real ones.',
      (sets) => precisionRecall(sets).precision,
    ),
    recall: neighbourMetric(
      precisionNeighbours,
      'Share of real images among the synthetic ones.',
      (sets) => precisionRecall(sets).recall,
    ),
    density: neighbourMetric(
      densityNeighbours,
      'Real neighbourhoods round a synthetic image; may pass 1.',
      (sets) => densityCoverage(sets).density,
    ),
    coverage: neighbourMetric(
      densityNeighbours,
      'Share of real images with a synthetic one in their neighbourhood.',
      (sets) => densityCoverage(sets).coverage,
    ),
  };
}

/** One measure with interval and floor; its statistic is made for each set that the real one is held against. */
export function measureMetric(
  {
    real,
    synthetic,
    makeStatistic,
  }: { real: Features; synthetic: Features; makeStatistic: (other: Features) => Statistic },
  {
    patients,
    labels,
    repeats,
    fewestRows,
    extractor,
    note,
    onRepeat,
  }: Omit<Options, 'onPart'> & { fewestRows: number; note: string; onRepeat: () => void },
): MetricValue {
  const n = { real: real.count, synthetic: synthetic.count };
  const statistic = makeStatistic(synthetic);
  const value = statistic(everyRow(n.real), everyRow(n.synthetic));
  const halvesAreEnough = Math.floor(Math.min(n.real, n.synthetic) / 2) >= fewestRows;
  const options = { patients, seed, onRepeat };
  const interval = halvesAreEnough
    ? halvesInterval(statistic, { ...options, value, realCount: n.real, syntheticCount: n.synthetic, repeats })
    : { low: null, high: null };
  const found = floorOf(
    { among: makeStatistic(real), across: statistic },
    {
      ...options,
      labels,
      syntheticCount: n.synthetic,
      fewest: fewestRows,
      repeats: Math.min(floorRepeats, repeats),
    },
  );
  const few = halvesAreEnough ? '' : ` Too few images for an interval: halves need ${fewestRows} each.`;
  const noFloor =
    found === null
      ? ` No floor: it needs ${fewestRows} real images of some patients and as many of others, and as many synthetic ones.`
      : '';
  return { value, ...interval, ...floorFields(found), n, extractor, note: note + few + noFloor };
}

/** A measure that is not given, with the reason. */
export function refusedMetric(n: MetricValue['n'], extractor: string, note: string): MetricValue {
  return { value: null, low: null, high: null, floor: null, atFloor: null, n, extractor, note };
}

function floorFields(found: FloorValue | null): Pick<MetricValue, 'floor' | 'atFloor'> {
  if (found === null) return { floor: null, atFloor: null };
  const { n, synthetic, excess, ...floor } = found;
  return { floor, atFloor: { n, ...synthetic, excess } };
}

const nothing = { values: new Float64Array(0), rows: 0, columns: 0 };
const noPairs = { real: nothing, synthetic: nothing, across: nothing };

function everyRow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}
