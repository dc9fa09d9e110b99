import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SkippedFile } from '../../preload/domain.ts';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import type { ExtractorManifest } from './extractor-schema.ts';
import { extractorManifest } from './extractor-schema.ts';
import { sha256Of } from './hash.ts';
import { invalidManifest, missingWeights, packFoldersIn, readManifest, roleOf } from './pack-files.ts';

export interface ExtractorPack {
  manifest: ExtractorManifest;
  folder: string;
}

/**
 * Every extractor in the given folders (see `readPacks`); packs of another role are left to others. What cannot be used
 * is listed with its reason, never thrown.
 */
export async function readExtractors(
  folders: string[],
): Promise<{ extractors: ExtractorPack[]; refused: SkippedFile[] }> {
  const extractors: ExtractorPack[] = [];
  const refused: SkippedFile[] = [];
  for (const folder of (await Promise.all(folders.map(packFoldersIn))).flat()) {
    try {
      const extractor = await readExtractor(folder);
      if (extractor !== null) extractors.push(extractor);
    } catch (error) {
      const { tag, message } = serialiseError(error);
      refused.push({ path: path.join(folder, 'model.json'), error: { tag, message } });
    }
  }
  return { extractors, refused };
}

/** Throws UnknownModel, naming what there is and what was refused. */
export async function findExtractor(folders: string[], id: string): Promise<ExtractorPack> {
  const { extractors, refused } = await readExtractors(folders);
  const found = extractors.find(({ manifest }) => manifest.id === id);
  if (found !== undefined) return found;
  const known = extractors.map(({ manifest }) => manifest.id).join(', ') || 'none';
  const reasons = refused.map(({ path: file, error }) => ` ${file} was refused: ${error.message}`).join('');
  throw new VerisimError('UnknownModel', `There is no extractor ${id}. Installed extractors: ${known}.${reasons}`, {
    expected: known,
    found: id,
  });
}

/** The network's bytes, once their SHA-256 is checked. Throws PackInvalid, HashMismatch. */
export async function readExtractorWeights({ manifest, folder }: ExtractorPack): Promise<Uint8Array> {
  const { path: name, sha256 } = manifest.files.extractor;
  const file = path.join(folder, name);
  const bytes = await readFile(file).catch((cause: unknown) => Promise.reject(missingWeights(file, cause)));
  const found = sha256Of(bytes);
  if (found === sha256) return bytes;
  throw new VerisimError(
    'HashMismatch',
    `The weights ${file} are not those named by model.json: SHA-256 ${sha256} was expected, ${found} was found. Install the extractor again.`,
    { path: file, expected: sha256, found },
  );
}

async function readExtractor(folder: string): Promise<ExtractorPack | null> {
  const manifestPath = path.join(folder, 'model.json');
  const content = await readManifest(manifestPath);
  if (roleOf(content) !== 'extractor') return null;
  const parsed = extractorManifest.safeParse(content);
  if (!parsed.success) throw invalidManifest(manifestPath, 'extractor', parsed.error);
  return { manifest: parsed.data, folder };
}
