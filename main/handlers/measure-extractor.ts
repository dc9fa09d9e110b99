import { readFile } from 'node:fs/promises';
import { readExtractors } from '../engine/extractor-packs.ts';
import { readProvenance } from '../engine/provenance.ts';
import { decodePng } from '../imaging/png.ts';
import { listFiles } from '../imaging/walk.ts';
import type { Workspace } from './dependencies.ts';
import { radiomicsId } from './evaluate-means.ts';
import type { ResolvedSet } from './measure-sets.ts';
import { builtInPacks } from './models.ts';

const filesLookedAt = 12;

/**
 * The extractor of the modality and anatomy that the sets say they are of: by the model of a run, by what a PNG says that it was made
 * with. Where neither says it, or no such extractor is installed, radiomic features, which are made for no modality.
 */
export async function extractorOfImages(workspace: Workspace, sets: readonly ResolvedSet[]): Promise<string> {
  const folders = [builtInPacks(workspace.applicationRoot), workspace.folder.packs.packs];
  const { extractors } = await readExtractors(folders);
  for (const modelId of await modelsOf(sets)) {
    const pack = await workspace.packs.find(modelId).catch(() => null);
    const fitting = extractors.find(
      ({ manifest }) => manifest.modality === pack?.manifest.modality && manifest.anatomy === pack.manifest.anatomy,
    );
    if (fitting !== undefined) return fitting.manifest.id;
  }
  return radiomicsId;
}

async function modelsOf(sets: readonly ResolvedSet[]): Promise<string[]> {
  const found = new Set(sets.flatMap(({ modelIds }) => modelIds));
  for (const { source } of sets) {
    const { files } = await listFiles([...source.folders]);
    for (const file of files.filter((name) => name.endsWith('.png')).slice(0, filesLookedAt)) {
      const bytes = await readFile(file).catch(() => null);
      const made = bytes === null ? null : provenanceOf(bytes);
      if (made !== null) found.add(made);
    }
  }
  return [...found];
}

/** A damaged file says nothing here; reading the set tells of it. */
function provenanceOf(bytes: Uint8Array): string | null {
  try {
    return readProvenance(decodePng(bytes).text)?.modelId ?? null;
  } catch {
    return null;
  }
}
