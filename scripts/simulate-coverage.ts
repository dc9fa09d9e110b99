import { parseArgs } from 'node:util';
import { jackknife, oneTestInterval } from '../main/review/analysis-of-variance.ts';
import { exactInterval } from '../main/review/binomial.ts';
import { fitBinormal } from '../main/review/binormal.ts';
import { aucWithInterval } from '../main/review/delong.ts';
import { normalCdf } from '../main/review/distributions.ts';
import { fitMixedLogistic } from '../main/review/mixed-logistic.ts';
import { z975 } from '../main/review/normal.ts';
import { severalReadersArea, severalReadersDifference } from '../main/review/several-readers.ts';
import { forcedChoiceDPrime, signalDetection } from '../main/review/signal-detection.ts';
import { roeMetzVariance, simulatedReaders } from '../tests/unit/review/simulated-readers.ts';

/**
 * `node scripts/simulate-coverage.ts [--runs N] [--only WORD]`: of so many simulated studies, how many times each 95 % interval that a
 * reader study shows holds the truth that it was simulated with. Studies without an interval are left out and counted.
 */
const { values } = parseArgs({ options: { runs: { type: 'string', default: '2000' }, only: { type: 'string' } } });
const runs = Number(values.runs);
const { uniform, gauss, roeMetz } = simulatedReaders(6);

interface Bounds {
  low: number;
  high: number;
}
interface Interval {
  name: string;
  truth: number;
  study: () => Bounds | null;
}

const binomial = (n: number, p: number): number => Array.from({ length: n }, uniform).filter((u) => u < p).length;
const normal = (n: number, shift: number): number[] => Array.from({ length: n }, () => gauss() + shift);
const area = normalCdf(0.9 / Math.sqrt(2 * roeMetzVariance));
const readers = () => roeMetz({ readers: 6, cases: 40, shift: 0.9 });
/** −4 to 4 without 0, as readers answer. */
const rating = (value: number): number => {
  const step = [-1.2, -0.6, -0.2, 0.4, 0.9, 1.3, 2].filter((bound) => value > bound).length;
  return step < 4 ? step - 4 : step - 3;
};
const forced = new Map<number, number>();
const forcedAt = (share: number): number => {
  const known = forced.get(share) ?? forcedChoiceDPrime(share * 150, 150, 4);
  forced.set(share, known);
  return known;
};

const intervals: Interval[] = [
  { name: 'share of right answers, exact', truth: 0.62, study: () => exactInterval(binomial(150, 0.62), 150) },
  {
    name: 'area, DeLong',
    truth: normalCdf(0.8 / Math.SQRT2),
    study: () => aucWithInterval({ real: normal(60, 0), synthetic: normal(60, 0.8) }),
  },
  {
    name: 'area, binormal, eight ratings',
    truth: normalCdf(0.8 / Math.SQRT2),
    study: () => fitBinormal({ real: normal(60, 0).map(rating), synthetic: normal(60, 0.8).map(rating) })?.area ?? null,
  },
  {
    name: 'd′, yes or no',
    truth: 0.8,
    study: () =>
      signalDetection({
        hits: binomial(75, normalCdf(0.4)),
        synthetic: 75,
        falseAlarms: binomial(75, normalCdf(-0.4)),
        real: 75,
      }),
  },
  {
    name: 'd′, one of four',
    truth: forcedAt(0.4),
    study: () => {
      const { low, high } = exactInterval(binomial(150, 0.4), 150);
      return { low: forcedAt(low), high: forcedAt(high) };
    },
  },
  { name: 'learning, odds ratio', truth: 0.15, study: learning },
  {
    name: 'several readers, U-statistic and BDG',
    truth: area,
    study: () => severalReadersArea(readers(), 'U-statistic').bdg,
  },
  { name: 'several readers, MLE and BDG', truth: area, study: () => severalReadersArea(readers(), 'MLE').bdg },
  {
    name: 'several readers, Obuchowski–Rockette and Hillis',
    truth: area,
    study: () => {
      const { areas, cov2 } = jackknife([readers()]);
      return oneTestInterval(areas[0]!, cov2[0]!, 0.5);
    },
  },
  { name: 'two sessions, U-statistic and BDG', truth: 0, study: sessions },
];

/** A logit that grows by 0.15 for ten cases. */
function learning(): Bounds | null {
  const rows = Array.from({ length: 120 }, (_, place) => {
    const covariate = (place - 60) / 10;
    return {
      right: uniform() < 1 / (1 + Math.exp(-0.4 - 0.15 * covariate)) ? 1 : 0,
      trials: 1,
      covariates: [1, covariate],
    };
  });
  const fit = fitMixedLogistic(rows);
  if (fit === null) return null;
  const [slope, half] = [fit.coefficients[1]!, z975 * fit.standardErrors[1]!];
  return { low: slope - half, high: slope + half };
}

/** The same readers and cases twice, with further own noise. */
function sessions(): Bounds | null {
  const once = roeMetz({ readers: 6, cases: 40, shift: 0.9 });
  const again = () =>
    once.map(({ real, synthetic }) => ({
      real: real.map((one) => one + 0.5 * gauss()),
      synthetic: synthetic.map((one) => one + 0.5 * gauss()),
    }));
  const { variance, bdg } = severalReadersDifference(again(), again(), 'U-statistic');
  return variance > 0 ? bdg : null;
}

for (const { name, truth, study } of intervals.filter((one) => one.name.includes(values.only ?? ''))) {
  let [covered, made] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const bounds = study();
    if (bounds === null) continue;
    made++;
    if (bounds.low <= truth && truth <= bounds.high) covered++;
  }
  const without = made < runs ? `, ${runs - made} without an interval` : '';
  console.log(`${((100 * covered) / made).toFixed(1).padStart(5)} %  ${name} (${made} studies${without})`);
}
