import type { MetricName, MetricValue } from '../../preload/evaluation.ts';
import { densityCoverage } from '../evaluation/density-coverage.ts';
import type { Features } from '../evaluation/features.ts';
import { frechetDistance, frechetDistanceAtInfinity, rowsOf } from '../evaluation/frechet-distance.ts';
import { discrepancy, gaussianKernels, polynomialKernels } from '../evaluation/kernel-distance.ts';
import { frechetDistanceOfMany, type Manifold, manifoldOfMany, type MatrixProduct } from '../evaluation/large-sets.ts';
import { neighbourhoodsAmong } from '../evaluation/neighbourhoods.ts';
import { pairsOf, squaredDistances } from '../evaluation/pairwise.ts';
import { precisionRecall } from '../evaluation/precision-recall.ts';
import { permutation, randomFrom } from '../evaluation/random.ts';
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
export async function measureFeatures(
  real: Features,
  synthetic: Features,
  {
    patients,
    labels,
    repeats,
    extractor,
    multiply,
    mostForTables = usualMostForTables,
    onPart,
  }: Options & { multiply: MatrixProduct; mostForTables?: number },
): Promise<Record<FeatureMetric, MetricValue>> {
  const n = { real: real.count, synthetic: synthetic.count };
  const fewest = Math.min(n.real, n.synthetic);
  let step = 0;
  const steps = 8;
  const advance = (): void => onPart(++step / steps);
  const refused = (note: string): MetricValue => refusedMetric(n, extractor, note);
  const onRepeat = (): void => onPart((step + 0.5) / steps);
  const measured = async (
    makeStatistic: (other: Features) => Statistic,
    note: string,
    {
      fewestRows,
      repeats: count = repeats,
      among = whole,
    }: { fewestRows: number; repeats?: number; among?: ComparedSets },
  ): Promise<MetricValue> => {
    const value = await measureMetric(
      { ...among, makeStatistic },
      { ...among, repeats: count, fewestRows, extractor, note, onRepeat },
    );
    advance();
    return value;
  };
  const whole: ComparedSets = { real, synthetic, patients, labels };

  const width = real.dimension;
  const fidRefusal = refused(
    `Not given: with ${fewest} images and ${width} features the covariance is not of full rank and the distance is mostly bias. It needs more than ${width} images in each set.`,
  );
  const isWide = width > widestForLoops;
  const distance = (a: Features, b: Features): number | Promise<number> =>
    isWide ? frechetDistanceOfMany(a, b, multiply) : frechetDistance(a, b);
  const frechet =
    (other: Features): Statistic =>
    (a, b) =>
      distance(rowsOf(real, a), rowsOf(other, b));
  const fid =
    fewest > width
      ? await measured(
          frechet,
          `Biased upwards by the number of images; compare only at equal n, or use fidInfinity.`,
          {
            fewestRows: width + 1,
            repeats: isWide ? Math.min(repeatsOfWide, repeats) : repeats,
          },
        )
      : fidRefusal;
  const infinity =
    (other: Features): Statistic =>
    async (a, b) =>
      (await frechetDistanceAtInfinity(rowsOf(real, a), rowsOf(other, b), { seed, distance, onPart: onRepeat }))
        ?.value ?? NaN;
  const fidInfinity =
    fewest >= 1.25 * (width + 1)
      ? await measured(infinity, 'FID continued to endless sets by a line in 1 / n over parts of both sets.', {
          fewestRows: Math.ceil(1.3 * (width + 1)),
          repeats: Math.min(isWide ? 2 : extrapolationRepeats, repeats),
        })
      : refused(
          `Not given: the extrapolation needs at least ${Math.ceil(1.25 * (width + 1))} images in each set, for parts with more images than features.`,
        );

  const some = partOf(whole, mostForTables);
  const ofSome =
    some === whole ? '' : ` Of ${some.real.count} real and ${some.synthetic.count} synthetic images drawn at random.`;
  const kernelMetric = async (kernels: typeof polynomialKernels, note: string): Promise<MetricValue> =>
    fewest < fewestForKernels
      ? refused(`Not given: ${fewest} images are too few; it needs ${fewestForKernels} in each set.`)
      : measured(
          (other) => {
            const table = kernels(some.real, other);
            return (a, b) => discrepancy(table, { real: a, synthetic: b });
          },
          note + ofSome,
          { fewestRows: 2, among: some },
        );
  const kid = await kernelMetric(
    polynomialKernels,
    'Unbiased; may be slightly negative where the sets cannot be told apart.',
  );
  const mmd = await kernelMetric(
    gaussianKernels,
    'Squared, unbiased, Gaussian kernel with the median distance of real images as its width.',
  );

  const hasNeighbours = fewest >= fewestForNeighbours;
  const manifold =
    !hasNeighbours || some === whole
      ? null
      : await manifoldOfMany(real, synthetic, {
          ...{ near: precisionNeighbours, dense: densityNeighbours, multiply },
          onTile: onRepeat,
        });
  const acrossPairs = hasNeighbours ? pairsOf(squaredDistances, some.real, some.synthetic) : noPairs;
  const realPairs = { real: acrossPairs.real, synthetic: acrossPairs.real, across: acrossPairs.real };
  const neighbourMetric = async (name: keyof Manifold, k: number, note: string): Promise<MetricValue> => {
    if (!hasNeighbours)
      return refused(
        `Not given: ${fewest} images are too few for neighbourhoods; it needs ${fewestForNeighbours} in each set.`,
      );
    const metric = await measured(
      (other) => {
        const table = other === some.real ? realPairs : acrossPairs;
        return (a, b) => {
          const sets = neighbourhoodsAmong(table, { real: a, synthetic: b, k });
          return name === 'precision' || name === 'recall' ? precisionRecall(sets)[name] : densityCoverage(sets)[name];
        };
      },
      `${note} k = ${k}.`,
      { fewestRows: fewestForNeighbours / 2, among: some },
    );
    return manifold === null ? metric : ofAll(metric, manifold[name], n);
  };
  return {
    ...{ fid, fidInfinity, kid, mmd },
    precision: await neighbourMetric(
      'precision',
      precisionNeighbours,
      'Share of synthetic images among the real ones.',
    ),
    recall: await neighbourMetric('recall', precisionNeighbours, 'Share of real images among the synthetic ones.'),
    density: await neighbourMetric(
      'density',
      densityNeighbours,
      'Real neighbourhoods round a synthetic image; may pass 1.',
    ),
    coverage: await neighbourMetric(
      'coverage',
      densityNeighbours,
      'Share of real images with a synthetic one in their neighbourhood.',
    ),
  };
}

/** Above this, products of matrices go through the fast kernels, and an interval has fewer repeats. */
const widestForLoops = 512;
const repeatsOfWide = 6;
/** Tables of all pairs of more images would take too much memory. */
const usualMostForTables = 3000;

interface ComparedSets {
  real: Features;
  synthetic: Features;
  patients: readonly string[];
  labels: readonly string[];
}

/** The sets themselves, or a random part of each where a table of pairs would be too large. */
function partOf(sets: ComparedSets, most: number): ComparedSets {
  const { real, synthetic, patients, labels } = sets;
  if (Math.max(real.count, synthetic.count) <= most) return sets;
  const drawn = ({ count }: Features): Int32Array =>
    permutation(count, randomFrom(seed)).subarray(0, Math.min(count, most));
  const rows = drawn(real);
  return {
    real: rowsOf(real, rows),
    synthetic: rowsOf(synthetic, drawn(synthetic)),
    patients: Array.from(rows, (row) => patients[row]!),
    labels: Array.from(rows, (row) => labels[row]!),
  };
}

/** The value of all images with the interval of a part of them, which is wider than theirs would be. */
function ofAll(metric: MetricValue, value: number, n: MetricValue['n']): MetricValue {
  const shift = value - (metric.value ?? value);
  const moved = (end: number | null): number | null => (end === null ? null : end + shift);
  const note = `${metric.note} The interval and the floor are those of parts of ${metric.n.real} and ${metric.n.synthetic} images.`;
  return { ...metric, value, low: moved(metric.low), high: moved(metric.high), n, note };
}

/** One measure with interval and floor; its statistic is made for each set that the real one is held against. */
export async function measureMetric(
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
): Promise<MetricValue> {
  const n = { real: real.count, synthetic: synthetic.count };
  const statistic = makeStatistic(synthetic);
  const value = await statistic(everyRow(n.real), everyRow(n.synthetic));
  const halvesAreEnough = Math.floor(Math.min(n.real, n.synthetic) / 2) >= fewestRows;
  const options = { patients, seed, onRepeat };
  const interval = halvesAreEnough
    ? await halvesInterval(statistic, { ...options, value, realCount: n.real, syntheticCount: n.synthetic, repeats })
    : { low: null, high: null };
  const found = await floorOf(
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
