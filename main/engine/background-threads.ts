import { readdirSync, readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

const backgroundNiceness = 10;

/**
 * Runs `work`, then gives the threads that it started, and the calling thread, a lower priority, so that computing never
 * slows the window: opening a study goes first. Linux schedules threads one by one; elsewhere nothing is changed.
 */
export async function inBackground<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = new Set(threads());
  const result = await work();
  for (const thread of [...threads().filter((id) => !before.has(id)), ...ownThread()]) lower(thread);
  return result;
}

function threads(): number[] {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [];
}

function ownThread(): number[] {
  return process.platform === 'linux' ? [Number(basename(readlinkSync('/proc/thread-self')))] : [];
}

/** A thread that has just ended, or a system that does not allow it, is no reason to stop. */
function lower(thread: number): void {
  try {
    setPriority(thread, backgroundNiceness);
  } catch {
    return;
  }
}
