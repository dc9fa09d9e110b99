import type { Worker } from 'node:worker_threads';

const lookEveryMs = 500;

/**
 * Calls `onSpent` once a thread has used more processor time than allowed, in milliseconds, since the watch began: a damaged image can keep
 * a decoder busy for ever. Time that a busy machine does not give it does not count. Returns the function that ends the watch.
 */
export function watchProcessorTime(worker: Worker, allowedMs: number, onSpent: () => void): () => void {
  let begun: number | null = null;
  let ended = false;
  const look = async (): Promise<void> => {
    const { user, system } = await worker.cpuUsage();
    const usedMs = (user + system) / 1000;
    begun ??= usedMs;
    if (ended || usedMs - begun <= allowedMs) return;
    end();
    onSpent();
  };
  // A thread that has ended answers by failing, and tells that itself.
  const lookNow = (): void => void look().catch(() => undefined);
  const timer = setInterval(lookNow, lookEveryMs);
  timer.unref();
  lookNow();
  function end(): void {
    ended = true;
    clearInterval(timer);
  }
  return end;
}
