const lookEveryMs = 1_000;
const stalledMs = 4_000;
const restMs = 60_000;

/**
 * Tells when a page in view is given no frame for seconds though its timers run, at most once a minute. Returns the function that
 * ends the watch.
 */
export function watchFrames(onStalled: () => void): () => void {
  let waitingSince: number | null = null;
  let lookedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const late = now - lookedAt > 2 * lookEveryMs;
    lookedAt = now;
    // A hidden page gets no frames, and after a sleep or a long task they are still to come.
    if (document.visibilityState !== 'visible' || late) waitingSince = waitingSince === null ? null : now;
    else if (waitingSince === null) {
      waitingSince = now;
      requestAnimationFrame(() => (waitingSince = null));
    } else if (now - waitingSince > stalledMs) {
      waitingSince = now + restMs;
      onStalled();
    }
  }, lookEveryMs);
  return () => clearInterval(timer);
}
