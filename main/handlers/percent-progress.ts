import type { LoggedRunContext } from './logged-run.ts';

/** Progress in percent for work of unlike phases: `done` of `total` of a phase lies between two percentages. Throws Cancelled. */
export function percentReporter({ report, signal }: Pick<LoggedRunContext, 'report' | 'signal'>) {
  return (phase: string, from: number, to: number) =>
    (done: number, total: number): void => {
      signal.throwIfAborted();
      report({ done: Math.round(from + ((to - from) * done) / Math.max(1, total)), total: 100, phase });
    };
}
