import type { RunRow } from '../../preload/domain.ts';

const leastMsBetween = 100;

/**
 * Sends rows on at most ten times a second for each run, the newest always at last. A change of state or of the number
 * of images goes out at once.
 */
export function throttleRows(send: (row: RunRow) => void) {
  const last = new Map<string, { atMs: number; row: RunRow; pending: RunRow | null; timer: NodeJS.Timeout | null }>();

  const emit = (row: RunRow): void => {
    const before = last.get(row.id);
    if (before?.timer != null) clearTimeout(before.timer);
    if (isFinal(row)) last.delete(row.id);
    else last.set(row.id, { atMs: performance.now(), row, pending: null, timer: null });
    send(row);
  };

  return (row: RunRow): void => {
    const before = last.get(row.id);
    const sameState = before?.row.state === row.state;
    if (before === undefined || !sameState) return emit(row);
    const waitMs = before.atMs + leastMsBetween - performance.now();
    if (waitMs <= 0) return emit(row);
    before.pending = row;
    before.timer ??= setTimeout(() => {
      if (before.pending !== null) emit(before.pending);
    }, waitMs).unref();
  };
}

function isFinal(row: RunRow): boolean {
  return row.state === 'done' || row.state === 'failed' || row.state === 'cancelled';
}
