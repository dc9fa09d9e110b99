import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readItems, readText } from './element-values.ts';
import { readWholeFile } from '../read-file.ts';
import { tryParse } from './read-head.ts';

/**
 * The files that a DICOMDIR refers to (Referenced File ID, PS3.3 F.3), in its folder; null when the file is no DICOMDIR.
 * Names are matched without regard to case, as discs are often copied to lower case.
 */
export async function readDicomdir(path: string): Promise<{ found: string[]; missing: string[] } | null> {
  const bytes = await readWholeFile(path);
  const parsed = tryParse(bytes, path, true);
  if (parsed === null || parsed.dataSet.elements['x00041220'] === undefined) return null;
  const found = new Set<string>();
  const missing: string[] = [];
  for (const record of readItems(parsed.dataSet, 'x00041220')) {
    const parts = readText(record, 'x00041500').split('\\').filter(Boolean);
    if (parts.length === 0) continue;
    const file = parts.includes('..') ? null : await resolveParts(dirname(path), parts);
    if (file === null) missing.push(join(dirname(path), ...parts));
    else found.add(file);
  }
  return { found: [...found], missing };
}

async function resolveParts(folder: string, parts: string[]): Promise<string | null> {
  let path = folder;
  for (const part of parts) {
    const direct = join(path, part);
    const exists = await stat(direct).then(
      () => true,
      () => false,
    );
    if (exists) {
      path = direct;
      continue;
    }
    const names = await readdir(path).catch(() => []);
    const match = names.find((name) => name.toLowerCase() === part.toLowerCase());
    if (match === undefined) return null;
    path = join(path, match);
  }
  return path;
}
