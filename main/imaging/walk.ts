import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { SkippedFile } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { skippedFile } from './skipped.ts';

/**
 * Every file below the given files and folders, sorted within each folder. Symbolic links are followed, each real folder once, so
 * loops end. Hidden files and folders are left out. A path that cannot be read is reported, the rest goes on.
 */
export async function listFiles(
  paths: string[],
  signal?: AbortSignal,
): Promise<{ files: string[]; skipped: SkippedFile[] }> {
  const files = new Set<string>();
  const skipped: SkippedFile[] = [];
  const visited = new Set<string>();
  const pending = paths.map((path) => resolve(path)).toReversed();
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    signal?.throwIfAborted();
    try {
      const real = await realpath(path);
      const kind = await stat(real);
      if (kind.isFile()) files.add(path);
      if (!kind.isDirectory() || visited.has(real)) continue;
      visited.add(real);
      const inside = (await readdir(real, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
      inside.sort((a, b) => (a.name < b.name ? -1 : 1));
      // Plain files need no further look; they stand before the folders beside them.
      for (const entry of inside) if (entry.isFile()) files.add(join(path, entry.name));
      const further = inside.filter((entry) => !entry.isFile()).map(({ name }) => join(path, name));
      pending.push(...further.toReversed());
    } catch (cause) {
      skipped.push(skippedFile(path, notReadable(path, cause)));
    }
  }
  return { files: [...files], skipped };
}

function notReadable(path: string, cause: unknown): VerisimError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  const message =
    code === 'ENOENT'
      ? `"${path}" does not exist. Check the path.`
      : `"${path}" cannot be read (${code}). Check that reading it is allowed.`;
  return new VerisimError('FileNotReadable', message, {
    path,
    expected: 'a readable file or folder',
    found: code,
    cause,
  });
}
