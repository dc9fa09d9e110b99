import { inverse } from './linear-algebra.ts';
import { minimise } from './minimise.ts';
import { type Mode, penalisedMode } from './mixed-mode.ts';

/** One row: `right` of `trials` answers, its fixed covariates (an intercept among them), its case and its reader. */
export interface MixedRow {
  right: number;
  trials: number;
  covariates: readonly number[];
  /** Random intercepts; both may be left out. */
  caseIndex?: number;
  readerIndex?: number;
}

export interface MixedFit {
  coefficients: number[];
  standardErrors: number[];
  /** Standard deviations of the random intercepts, on the logit scale; 0 where there is no such effect. */
  deviations: { cases: number; readers: number };
  /** By Laplace's approximation, up to the binomial constant. */
  logLikelihood: number;
}

/**
 * Logistic regression with crossed random intercepts for readers and cases, by maximum likelihood with Laplace's
 * approximation at the mode (as in Bates et al., J Stat Softw 2015; 67(1), nAGQ = 1). Standard errors come from the
 * curvature of the approximated likelihood. Null when the curvature is singular (a group that was always right or always wrong).
 */
export function fitMixedLogistic(rows: readonly MixedRow[]): MixedFit | null {
  const groups = { cases: countOf(rows, 'caseIndex'), readers: countOf(rows, 'readerIndex') };
  const random = [groups.cases > 1, groups.readers > 1];
  const free = random.filter(Boolean).length;
  const width = rows[0]!.covariates.length;
  let warm: Mode | undefined;
  const deviance = (parameters: readonly number[]): number => {
    const { deviations, coefficients } = unpack(parameters, random);
    warm = penalisedMode({ rows, groups, deviations, coefficients, start: warm });
    return -2 * warm.laplace;
  };
  const from = [...new Array<number>(free).fill(0.5), ...new Array<number>(width).fill(0)];
  const found = minimise(deviance, from);
  const { deviations, coefficients } = unpack(found.at, random);
  const covariance = inverse(curvature(deviance, found.at, free).map((row) => row.map((value) => value / 2)));
  const variances = covariance?.map((row, index) => row[index]!) ?? [];
  const standardErrors = coefficients.map((_, index) => Math.sqrt(variances[index] ?? NaN));
  if (standardErrors.some((error) => !Number.isFinite(error) || error > 50)) return null;
  return { coefficients, standardErrors, deviations, logLikelihood: -found.value / 2 };
}

function countOf(rows: readonly MixedRow[], name: 'caseIndex' | 'readerIndex'): number {
  return rows.reduce((most, row) => Math.max(most, (row[name] ?? -1) + 1), 0);
}

function unpack(parameters: readonly number[], [hasCases, hasReaders]: readonly boolean[]) {
  const rest = [...parameters];
  const cases = hasCases ? Math.abs(rest.shift()!) : 0;
  const readers = hasReaders ? Math.abs(rest.shift()!) : 0;
  return { deviations: { cases, readers }, coefficients: rest };
}

/** Second differences in the fixed coefficients, at the estimated deviations. */
function curvature(value: (at: readonly number[]) => number, at: readonly number[], skip: number): number[][] {
  const step = 1e-3;
  const moved = (i: number, si: number, j: number, sj: number) => {
    const place = [...at];
    place[skip + i]! += si * step;
    place[skip + j]! += sj * step;
    return value(place);
  };
  const size = at.length - skip;
  return Array.from({ length: size }, (_, i) =>
    Array.from(
      { length: size },
      (_, j) => (moved(i, 1, j, 1) - moved(i, 1, j, -1) - moved(i, -1, j, 1) + moved(i, -1, j, -1)) / (4 * step * step),
    ),
  );
}
