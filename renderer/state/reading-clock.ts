/**
 * Time a reader spends on one case, in milliseconds, without the pauses. `now` is a monotonic clock
 * (performance.now); the first `resume` is the moment the image was painted.
 */
export interface ReadingClock {
  resume(): void;
  pause(): void;
  readonly running: boolean;
  elapsedMs(): number;
}

/** @param alreadyMs time spent on the case before, when the reader comes back to change an answer. */
export function startReadingClock(now: () => number, alreadyMs = 0): ReadingClock {
  let spentMs = alreadyMs;
  let since: number | null = null;
  return {
    resume() {
      since ??= now();
    },
    pause() {
      if (since === null) return;
      spentMs += now() - since;
      since = null;
    },
    get running() {
      return since !== null;
    },
    elapsedMs() {
      return spentMs + (since === null ? 0 : now() - since);
    },
  };
}
