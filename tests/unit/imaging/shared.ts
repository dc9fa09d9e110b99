import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../..');

/** The image corpora, which are not part of the repository. */
export const corpora = resolve(repository, process.env.VERISIM_SHARED ?? '../shared', 'data');
export const hasCorpora = existsSync(corpora);
export const sampleFolder = join(repository, 'resources', 'sample');

export function titleWith(title: string, isThere: boolean, what: string): string {
  return isThere ? title : `${title} (skipped: ${what} is not here)`;
}

/** Runs `work` with a folder of its own. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'verisim-imaging-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
