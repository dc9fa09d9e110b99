import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { HeadToHead } from '../../preload/head-to-head.ts';
import type { Workspace } from './dependencies.ts';
import { builtInPacks } from './models.ts';

/** The comparisons that scripts/head-to-head.ts left beside the packs, newest first; a file of another form is passed over. */
export async function listComparisons({ applicationRoot }: Pick<Workspace, 'applicationRoot'>): Promise<{
  comparisons: HeadToHead[];
}> {
  const folder = builtInPacks(applicationRoot);
  const names = (await readdir(folder).catch(() => [])).filter((name) =>
    /^(head-to-head|samplers)-.*\.json$/.test(name),
  );
  const found = await Promise.all(names.map((name) => readComparison(path.join(folder, name))));
  const comparisons = found.filter((one) => one !== null);
  return { comparisons: comparisons.sort((a, b) => (a.measuredAt < b.measuredAt ? 1 : -1)) };
}

async function readComparison(file: string): Promise<HeadToHead | null> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<HeadToHead>;
    return value.schema === 1 && Array.isArray(value.rows) ? (value as HeadToHead) : null;
  } catch {
    return null;
  }
}
