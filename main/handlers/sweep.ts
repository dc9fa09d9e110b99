import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Removes what processes that died in the middle of writing left: temporary files carry the id of their process and
 * end in `.part` (see writeFileAtomic). Files of living processes stay. `flat` folders may be a person's own: what lies in
 * folders below them is not looked at.
 */
export async function sweepTemporaryFiles(folders: string[], { flat }: { flat: string[] }): Promise<void> {
  for (const folder of [...folders, ...flat]) {
    const recursive = !flat.includes(folder);
    const entries = await readdir(folder, { recursive, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const writer = /\.(\d+)-[0-9a-f]+\.part$/.exec(entry.name)?.[1];
      if (!entry.isFile() || writer === undefined || isRunning(Number(writer))) continue;
      await rm(path.join(entry.parentPath, entry.name), { force: true });
    }
  }
}

/** Whether a process of another number than this one's runs. */
export function isRunning(processId: number): boolean {
  if (processId === process.pid) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
