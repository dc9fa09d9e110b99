import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VerisimError } from '../../preload/errors.ts';

/**
 * Writes a whole file or nothing: a temporary name in the same folder, fsync, rename, fsync of the folder.
 * Missing folders are made. `mode` are the permissions of the file from its first byte on. Throws DiskFull when the disk or the quota
 * is used up, else OutputNotWritable.
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string | Iterable<string>,
  { mode = 0o666 }: { mode?: number } = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.part`;
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(path, error);
  }
  await syncFolder(folder);
}

export function writeError(path: string, error: unknown): VerisimError {
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new VerisimError('DiskFull', `"${path}" was not written: the disk is full. Free some space and try again.`, {
      path,
      expected: 'enough free space',
      found: code,
      cause: error,
    });
  }
  return new VerisimError(
    'OutputNotWritable',
    `"${path}" could not be written (${code}). Choose a folder that you may write to.`,
    { path, expected: 'a folder that can be written to', found: code, cause: error },
  );
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}

/** Makes the rename itself durable. Windows cannot open folders; its rename is journalled. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    return;
  }
}
