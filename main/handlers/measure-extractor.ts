import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readExtractors } from '../engine/extractor-packs.ts';
import { readProvenance } from '../engine/provenance.ts';
import { decodePng } from '../imaging/png.ts';
import { settingsName } from '../imaging/slide/tiling/records.ts';
import { listFiles } from '../imaging/walk.ts';
import type { Workspace } from './dependencies.ts';
import { radiomicsId } from './evaluate-means.ts';
import type { ResolvedSet } from './measure-sets.ts';
import { builtInPacks } from './models.ts';

const filesLookedAt = 12;

/**
 * The extractor of the modality and anatomy that the sets say they are of: by the model of a run, by what a PNG says that it was made
 * with. Patches of slides that say nothing take the first one that is made for slides. Otherwise radiomic features, which are made for
 * no modality.
 */
export async function extractorOfImages(workspace: Workspace, sets: readonly ResolvedSet[]): Promise<string> {
  const folders = [builtInPacks(workspace.applicationRoot), workspace.folder.packs.packs];
  const { extractors } = await readExtractors(folders);
  const { modelIds, hasPatches } = await lookInto(sets);
  for (const modelId of modelIds) {
    const pack = await workspace.packs.find(modelId).catch(() => null);
    const fitting = extractors.find(
      ({ manifest }) => manifest.modality === pack?.manifest.modality && manifest.anatomy === pack.manifest.anatomy,
    );
    if (fitting !== undefined) return fitting.manifest.id;
  }
  const ofSlides = hasPatches ? extractors.find(({ manifest }) => manifest.modality === slideMicroscopy) : undefined;
  return ofSlides?.manifest.id ?? radiomicsId;
}

/** DICOM's code. */
const slideMicroscopy = 'SM';

async function lookInto(sets: readonly ResolvedSet[]): Promise<{ modelIds: string[]; hasPatches: boolean }> {
  const found = new Set(sets.flatMap(({ modelIds }) => modelIds));
  let hasPatches = false;
  for (const { source } of sets) {
    const { files } = await listFiles([...source.folders]);
    hasPatches ||= files.some((file) => path.basename(file) === settingsName);
    for (const file of files.filter((name) => name.endsWith('.png')).slice(0, filesLookedAt)) {
      const bytes = await readFile(file).catch(() => null);
      const made = bytes === null ? null : provenanceOf(bytes);
      if (made !== null) found.add(made);
    }
  }
  return { modelIds: [...found], hasPatches };
}

/** A damaged file says nothing here; reading the set tells of it. */
function provenanceOf(bytes: Uint8Array): string | null {
  try {
    return readProvenance(decodePng(bytes).text)?.modelId ?? null;
  } catch {
    return null;
  }
}
