import path from 'node:path';
import type { ModelSummary, SkippedFile } from '../../preload/domain.ts';
import { summarisePack } from '../engine/packs.ts';
import { createPackStore, type PackStore } from './pack-store.ts';

/** Where packs are looked for. */
export function packFolders(applicationRoot: string): string[] {
  return [path.join(applicationRoot, 'models')];
}

export async function listModels(packs: PackStore): Promise<{ models: ModelSummary[]; refused: SkippedFile[] }> {
  const { packs: found, refused } = await packs.list();
  return { models: found.map(summarisePack), refused };
}

/** Without a data folder: reads the packs of an installation. */
export function listInstalledModels(applicationRoot: string): ReturnType<typeof listModels> {
  return listModels(createPackStore(packFolders(applicationRoot)));
}
