import { statSync } from 'node:fs';
import type { LogBackup } from '../../preload/run-log.ts';
import { listBackups, restoreBackup } from '../log/backup.ts';
import { makeDataFolder } from '../log/data-folder.ts';
import { checkLog } from './check-log.ts';
import type { Workspace } from './dependencies.ts';

const hourMs = 3_600_000;
const usualHours = 6;
/** The window comes first. */
const checkAfterMs = 5_000;

/**
 * What is done for the log beside the work: after the start it is held against the data folder, and what does not fit is told; every
 * `backupHours` hours (a setting; 0 = never) it is copied, if it changed. The returned function ends it.
 */
export function beginUpkeep(workspace: Workspace): () => void {
  const { log, emit } = workspace;
  const abort = new AbortController();
  const check = setTimeout(() => {
    checkLog(workspace, { thorough: false, signal: abort.signal })
      .then((found) => {
        if (found.missing.length > 0 || found.orphans.length > 0) emit('log.checked', found);
      })
      // A log that cannot be read says so to every call; here nobody asked.
      .catch(() => undefined);
  }, checkAfterMs).unref();
  let backup: NodeJS.Timeout | undefined;
  planBackup();
  return () => {
    abort.abort();
    clearTimeout(check);
    clearTimeout(backup);
  };

  function planBackup(): void {
    const hours = log.settings.number('backupHours', usualHours);
    if (hours <= 0 || abort.signal.aborted) return;
    const last = listBackups(log.path)[0];
    const dueMs = last === undefined ? checkAfterMs : Date.parse(last.at) + hours * hourMs - Date.now();
    backup = setTimeout(() => void backUp(last, hours), Math.min(2 ** 31 - 1, Math.max(checkAfterMs, dueMs))).unref();
  }

  async function backUp(last: LogBackup | undefined, hours: number): Promise<void> {
    try {
      if (last === undefined || changedMs(log.path) > Date.parse(last.at)) await log.backup('hours');
      planBackup();
    } catch {
      // A full disk is told by whatever writes next; the copy is tried again at the next turn.
      if (!abort.signal.aborted) backup = setTimeout(planBackup, hours * hourMs).unref();
    }
  }
}

/** Newest first, and every how many hours one is made. */
export function listLogBackups({ log }: Workspace): { backups: LogBackup[]; hours: number } {
  return { backups: listBackups(log.path), hours: log.settings.number('backupHours', usualHours) };
}

/** Throws DatabaseUnusable where the backup is damaged or the log in use. */
export function restoreLog(root: string, backup: string): { setAside: string | null } {
  return restoreBackup(makeDataFolder(root).database, backup);
}

/** Holds from the next start on. */
export function backUpEvery({ log }: Workspace, hours: number): { hours: number } {
  log.settings.set('backupHours', hours);
  return { hours };
}

/** Of the log or of what was written to it last. */
function changedMs(file: string): number {
  return Math.max(...[file, `${file}-wal`].map((one) => statSync(one, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}
