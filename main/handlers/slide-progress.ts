import type { LoggedRunContext } from './logged-run.ts';
import type { RegionPlan } from './slide-plan.ts';

/** Told of a task of the plan by its place in it, and of how far it has come. */
export type TaskWatcher = (task: number, passes: { done: number; total: number }) => void;

/** One part of a job: `name` goes before what is done in it. */
export interface ProgressPart {
  name: string;
  plan: RegionPlan;
}

/**
 * Progress over all parts of a job: finished blocks, and time left from the passes over blocks that this process made, of which a step of
 * denoising is one and the decoding another.
 */
export function slideProgress(
  parts: readonly ProgressPart[],
  report: LoggedRunContext['report'],
): (part: number) => TaskWatcher {
  const started = performance.now();
  const blocksOf = (some: readonly ProgressPart[]): number =>
    some.reduce((sum, { plan }) => sum + plan.blocks.length, 0);
  const passesOf = (some: readonly ProgressPart[]): number => some.reduce((sum, { plan }) => sum + allPasses(plan), 0);
  const [blocks, passes] = [blocksOf(parts), passesOf(parts)];
  let first: number | null = null;
  return (part) => {
    const before = parts.slice(0, part);
    const [blocksBefore, passesBefore] = [blocksOf(before), passesOf(before)];
    const { name = '', plan } = parts[part] ?? {};
    return (place, { done, total }) => {
      const task = plan?.tasks[place];
      if (plan === undefined || task === undefined) return;
      const others = place - task.index;
      const { steps } = plan.settings;
      const [denoised, decoded] = task.kind === 'denoise' ? [task.index, others] : [others, task.index];
      const now = passesBefore + denoised * steps + decoded + (task.kind === 'denoise' ? steps : 1) * (done / total);
      first ??= now;
      const elapsed = (performance.now() - started) / 1000;
      const which = `block ${task.index + 1} of ${plan.blocks.length}`;
      const what = task.kind === 'denoise' ? `${which}, step ${done} of ${total}` : `decoding ${which}`;
      report({
        done: blocksBefore + (plan.latents === null ? denoised : decoded),
        total: blocks,
        secondsLeft: now > first ? (elapsed / (now - first)) * (passes - now) : null,
        phase: name === '' ? what.charAt(0).toUpperCase() + what.slice(1) : `${name}: ${what}`,
      });
    };
  };
}

function allPasses({ blocks, tasks, settings }: RegionPlan): number {
  return blocks.length * settings.steps + (tasks.length - blocks.length);
}
