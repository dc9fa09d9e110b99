import type { NoiseLevel } from '../prediction.ts';
import type { Sampler, SamplerRun, SamplerSetup } from './sampler.ts';
import { halfLogSnr, levelAfter } from './sampler.ts';
import { arrive, solverOutput } from './solver-output.ts';
import { solverPlan } from './solver-plan.ts';

/** UniPC (Zhao et al. 2023, algorithms 5 and 6), by default of order 2 with B(h) = e^h − 1 on predicted clean samples. */
export const unipc: Sampler = { name: 'unipc', callsPerStep: 1, plan: solverPlan, start };

function start(setup: SamplerSetup): SamplerRun {
  const { plan, length, solver = {} } = setup;
  const { order = 2, scale = 'bh2', lowerOrderAtEnd = true, uncorrected = [] } = solver;
  const clean = solver.smooth !== 'noise';
  const { levels } = plan;
  let spare = new Float64Array(length);
  /** What was extrapolated, newest first. */
  const outputs: Float64Array<ArrayBuffer>[] = [];
  const before = new Float64Array(length);
  let lastOrder = 0;
  return {
    step(index, output, sample) {
      const level = levels[index] ?? plan.end;
      const target = levelAfter(plan, index);
      solverOutput(setup, level, { sample, output, smooth: spare });
      if (lastOrder > 0 && !uncorrected.includes(index - 1)) correct(index, sample);
      outputs.unshift(spare);
      spare = outputs.length > order ? (outputs.pop() ?? spare) : new Float64Array(length);
      const wanted = lowerOrderAtEnd ? Math.min(order, levels.length - index) : order;
      lastOrder = Math.min(wanted, outputs.length);
      before.set(sample);
      if (target.noise === 0) return arrive(setup, level, outputs[0] ?? spare, sample);
      predict(index, sample);
    },
  };

  function predict(index: number, sample: Float64Array): void {
    const from = levels[index] ?? plan.end;
    const step = stepOf(from, levelAfter(plan, index));
    // Karras levels may end where the plan ends.
    if (step.h === 0) return;
    const ratios = ratiosBefore(index, lastOrder, step.h);
    const { matrix, right } = step.conditions([...ratios, 1]);
    // At order 2 the solution is taken as ½, exact to that order.
    const weights =
      ratios.length === 1
        ? [0.5]
        : solve(
            matrix.slice(0, -1).map((row) => row.slice(0, -1)),
            right.slice(0, -1),
          );
    advance(sample, step, { ratios, weights, current: 0 });
  }

  /** Improves what the last step arrived at by the network's answer there, in `spare`. */
  function correct(index: number, sample: Float64Array): void {
    const step = stepOf(levels[index - 1] ?? plan.end, levels[index] ?? plan.end);
    const ratios = ratiosBefore(index - 1, lastOrder, step.h);
    const { matrix, right } = step.conditions([...ratios, 1]);
    const weights = ratios.length === 0 ? [0.5] : solve(matrix, right);
    advance(sample, step, { ratios, weights, current: weights.at(-1) ?? 0 });
  }

  /** (λ of an earlier level − λ at `index`) / h, for as many levels as the order needs. */
  function ratiosBefore(index: number, stepOrder: number, h: number): number[] {
    const here = halfLogSnr(levels[index] ?? plan.end);
    const ratios = Array.from(
      { length: stepOrder - 1 },
      (_, i) => (halfLogSnr(levels[index - 1 - i] ?? plan.end) - here) / h,
    );
    // A level without signal (zero terminal SNR) is infinitely far and has no say.
    return ratios.filter(Number.isFinite);
  }

  function advance(
    sample: Float64Array,
    step: Step,
    { ratios, weights, current }: { ratios: number[]; weights: number[]; current: number },
  ): void {
    const [newest = spare, ...earlier] = outputs;
    for (let i = 0; i < length; i++) {
      const m0 = newest[i] ?? 0;
      let slope = current === 0 ? 0 : current * ((spare[i] ?? 0) - m0);
      for (let k = 0; k < ratios.length; k++) {
        slope += ((weights[k] ?? 0) * ((earlier[k]?.[i] ?? 0) - m0)) / (ratios[k] ?? 1);
      }
      sample[i] = step.keep * (before[i] ?? 0) - step.gain * (step.first * m0 + step.scale * slope);
    }
  }

  function stepOf(from: NoiseLevel, to: NoiseLevel): Step {
    const h = halfLogSnr(to) - halfLogSnr(from);
    const signed = clean ? -h : h;
    const first = Math.expm1(signed);
    const b = scale === 'bh1' ? signed : first;
    const keep = clean ? to.noise / from.noise : to.signal / from.signal;
    return { h, keep, gain: clean ? to.signal : to.noise, first, scale: b, conditions };

    /** Σ weight · ratio^(k−1) = k! φ(k+1)(h) / B(h) for k = 1 … order. */
    function conditions(ratios: number[]): { matrix: number[][]; right: number[] } {
      const right: number[] = [];
      let phi = first / signed - 1;
      let factorial = 1;
      for (let k = 1; k <= ratios.length; k++) {
        right.push((phi * factorial) / b);
        factorial *= k + 1;
        phi = phi / signed - 1 / factorial;
      }
      return { matrix: right.map((_, k) => ratios.map((ratio) => ratio ** k)), right };
    }
  }
}

interface Step {
  h: number;
  /** Of the old sample. */
  keep: number;
  gain: number;
  /** e^h − 1, h signed. */
  first: number;
  /** B(h). */
  scale: number;
  conditions(ratios: number[]): { matrix: number[][]; right: number[] };
}

/** Gauss–Jordan with row exchange, for at most three unknowns. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  for (let column = 0; column < rows.length; column++) {
    const rest = rows.slice(column);
    const pivot = rest.reduce((best, row) => (Math.abs(row[column] ?? 0) > Math.abs(best[column] ?? 0) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(
      column,
      0,
      pivot.map((value) => value / (pivot[column] ?? 1)),
    );
    const scaled = rows[column] ?? [];
    for (const [i, row] of rows.entries()) {
      const factor = row[column] ?? 0;
      if (i !== column) rows[i] = row.map((value, j) => value - factor * (scaled[j] ?? 0));
    }
  }
  return rows.map((row) => row.at(-1) ?? 0);
}
