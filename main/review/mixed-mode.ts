import type { MixedRow } from './mixed-logistic.ts';

export interface Mode {
  /** In units of their standard deviation. */
  cases: Float64Array;
  readers: Float64Array;
  /** Laplace's approximation of the log-likelihood. */
  laplace: number;
}

/**
 * The mode of the random intercepts for given deviations and coefficients, by Newton's method with halved steps. The
 * case effects meet each other only through the readers, so that they are eliminated first (Schur complement).
 */
export function penalisedMode(options: {
  rows: readonly MixedRow[];
  groups: { cases: number; readers: number };
  deviations: { cases: number; readers: number };
  coefficients: readonly number[];
  start: Mode | undefined;
}): Mode {
  const { rows, groups, deviations, coefficients, start } = options;
  const fixed = rows.map(({ covariates }) => covariates.reduce((sum, value, k) => sum + value * coefficients[k]!, 0));
  const height = (cases: Float64Array, readers: Float64Array) => {
    let sum = 0;
    rows.forEach((row, k) => {
      const eta = linear(row, fixed[k]!, { cases, readers, deviations });
      sum += row.right * eta - row.trials * (eta > 30 ? eta : Math.log1p(Math.exp(eta)));
    });
    for (const value of cases) sum -= (value * value) / 2;
    for (const value of readers) sum -= (value * value) / 2;
    return sum;
  };
  let cases = start?.cases ?? new Float64Array(groups.cases);
  let readers = start?.readers ?? new Float64Array(groups.readers);
  let best = height(cases, readers);
  for (let step = 0; step < 100; step++) {
    const system = assemble({ rows, fixed, cases, readers, deviations });
    const { moveCases, moveReaders, logDeterminant } = solve(system);
    let share = 1;
    let next = best;
    for (; share > 1e-6; share /= 2) {
      const [c, r] = [
        cases.map((v, i) => v + share * moveCases[i]!),
        readers.map((v, i) => v + share * moveReaders[i]!),
      ];
      next = height(c, r);
      if (next >= best) {
        [cases, readers] = [c, r];
        break;
      }
    }
    if (next - best < 1e-11 || share <= 1e-6)
      return { cases, readers, laplace: Math.max(best, next) - logDeterminant / 2 };
    best = next;
  }
  return {
    cases,
    readers,
    laplace: best - solve(assemble({ rows, fixed, cases, readers, deviations })).logDeterminant / 2,
  };
}

interface Effects {
  cases: Float64Array;
  readers: Float64Array;
  deviations: { cases: number; readers: number };
}

function linear(row: MixedRow, fixed: number, { cases, readers, deviations }: Effects): number {
  const ofCase = row.caseIndex === undefined ? 0 : deviations.cases * cases[row.caseIndex]!;
  const ofReader = row.readerIndex === undefined ? 0 : deviations.readers * readers[row.readerIndex]!;
  return fixed + ofCase + ofReader;
}

interface System {
  diagonal: Float64Array;
  cross: Float64Array[];
  block: Float64Array;
  scoreCases: Float64Array;
  scoreReaders: Float64Array;
}

function assemble(options: { rows: readonly MixedRow[]; fixed: readonly number[] } & Effects): System {
  const { rows, fixed, cases, readers, deviations } = options;
  const [n, m] = [cases.length, readers.length];
  const system: System = {
    diagonal: new Float64Array(n).fill(1),
    cross: Array.from({ length: n }, () => new Float64Array(m)),
    block: new Float64Array(m).fill(1),
    scoreCases: cases.map((value) => -value),
    scoreReaders: readers.map((value) => -value),
  };
  rows.forEach((row, k) => {
    const p = 1 / (1 + Math.exp(-linear(row, fixed[k]!, options)));
    const weight = row.trials * p * (1 - p);
    const residual = row.right - row.trials * p;
    const { caseIndex, readerIndex } = row;
    if (caseIndex !== undefined) {
      system.diagonal[caseIndex]! += deviations.cases ** 2 * weight;
      system.scoreCases[caseIndex]! += deviations.cases * residual;
    }
    if (readerIndex !== undefined) {
      system.block[readerIndex]! += deviations.readers ** 2 * weight;
      system.scoreReaders[readerIndex]! += deviations.readers * residual;
    }
    if (caseIndex !== undefined && readerIndex !== undefined)
      system.cross[caseIndex]![readerIndex]! += deviations.cases * deviations.readers * weight;
  });
  return system;
}

function solve({ diagonal, cross, block, scoreCases, scoreReaders }: System) {
  const m = block.length;
  const schur = Array.from({ length: m }, (_, i) =>
    Float64Array.from({ length: m }, (_, j) => (i === j ? block[i]! : 0)),
  );
  const right = scoreReaders.slice();
  let logDeterminant = 0;
  diagonal.forEach((pivot, k) => {
    logDeterminant += Math.log(pivot);
    const row = cross[k]!;
    for (let i = 0; i < m; i++) {
      if (row[i] === 0) continue;
      right[i]! -= (row[i]! * scoreCases[k]!) / pivot;
      for (let j = 0; j < m; j++) schur[i]![j]! -= (row[i]! * row[j]!) / pivot;
    }
  });
  // Cholesky, then forward and backward.
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = schur[i]![j]!;
      for (let k = 0; k < j; k++) sum -= schur[i]![k]! * schur[j]![k]!;
      schur[i]![j] = i === j ? Math.sqrt(sum) : sum / schur[j]![j]!;
    }
    logDeterminant += 2 * Math.log(schur[i]![i]!);
  }
  for (let i = 0; i < m; i++) {
    for (let k = 0; k < i; k++) right[i]! -= schur[i]![k]! * right[k]!;
    right[i]! /= schur[i]![i]!;
  }
  for (let i = m - 1; i >= 0; i--) {
    for (let k = i + 1; k < m; k++) right[i]! -= schur[k]![i]! * right[k]!;
    right[i]! /= schur[i]![i]!;
  }
  const moveCases = scoreCases.map(
    (score, k) => (score - cross[k]!.reduce((sum, weight, i) => sum + weight * right[i]!, 0)) / diagonal[k]!,
  );
  return { moveCases, moveReaders: right, logDeterminant };
}
