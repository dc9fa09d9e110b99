import type { Convergence } from '../../preload/explain.ts';

/**
 * Slow convergence, the failure of diffusion with too few steps (the survey names DDPM): while the network's guess x̂0 of the clean
 * image still moves much from call to call, more steps would give another image. `changes` are the root-mean-square changes of x̂0
 * over its standard deviation, one less than calls. The score is the probability that the image lies more than 2 % of the intensity
 * range (root-mean-square) from the one that the same seed gives with 200 steps: a logistic curve (Platt 1999) in the logarithm of
 * the geometric mean of the changes, fitted by scripts/calibrate-convergence.ts. Null for fewer than three calls, where the
 * trajectory says nothing.
 */
export function convergenceOf(
  changes: readonly number[],
  { sampler, steps, trained }: { sampler: string; steps: number; trained: number },
): Convergence | null {
  if (changes.length < 2) return null;
  const score = convergenceScore(changes);
  const verdict = score < bounds.borderline ? 'converged' : score < bounds.unfinished ? 'borderline' : 'unfinished';
  const more = Math.min(trained, Math.max(steps + 1, stepsFor(changes, steps)));
  const advice =
    verdict === 'converged'
      ? 'The guess of the clean image has settled: more steps would hardly change it.'
      : steps >= trained
        ? 'The guess still moves although every trained step was taken: the model is not trained to its end, or guidance is too strong.'
        : `The guess still moves from step to step. Take about ${more} steps with ${sampler}${fast.has(sampler) ? '' : ', or DPM-Solver++ (2M) with Karras levels, which needs fewer'}, and compare.`;
  return { lastChange: changes.at(-1) ?? 0, score, verdict, advice };
}

/** From 0 to 1. */
export function convergenceScore(changes: readonly number[]): number {
  return 1 / (1 + Math.exp(-(fitted.intercept + fitted.slope * typicalChange(changes))));
}

/** Decimal logarithm of the geometric mean. */
function typicalChange(changes: readonly number[]): number {
  const floor = 1e-9;
  return changes.reduce((sum, change) => sum + Math.log10(Math.max(change, floor)), 0) / changes.length;
}

/** Changes from call to call shrink as the number of steps grows (slope −1 of the logarithms): where the curve would say converged. */
function stepsFor(changes: readonly number[], steps: number): number {
  const wanted = (Math.log(bounds.borderline / (1 - bounds.borderline)) - fitted.intercept) / fitted.slope;
  return Math.ceil((steps * 10 ** (typicalChange(changes) - wanted)) / 5) * 5;
}

const fitted = { intercept: 39.4, slope: 27.27 };
/** Below the first an image counts as converged, from the second on as unfinished. */
const bounds = { borderline: 0.2, unfinished: 0.5 };
const fast = new Set(['dpmpp-2m', 'dpmpp-2m-karras', 'unipc']);
