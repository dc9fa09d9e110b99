import { setTimeout } from 'node:timers/promises';

/** Work of this process that writes to the log, which therefore closes after it. */
export interface Ending {
  /** Aborts when the workspace closes. */
  readonly signal: AbortSignal;
  /** Gives the work back, and holds the closing up until it has ended one way or the other. */
  holdsFor<Result>(work: Promise<Result>): Promise<Result>;
  /** Asks all work to end and waits for it, but not for ever: a step that cannot be cut short is left. */
  close(): Promise<void>;
}

const graceMs = 10_000;

export function createEnding(): Ending {
  const controller = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  return {
    signal: controller.signal,
    holdsFor(work) {
      underWay.add(work);
      const forget = () => underWay.delete(work);
      work.then(forget, forget);
      return work;
    },
    async close() {
      controller.abort();
      await Promise.race([Promise.allSettled(underWay), setTimeout(graceMs, undefined, { ref: false })]);
    },
  };
}
