import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import type { ModelSummary, SkippedFile } from '../../preload/domain.ts';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import { families } from '../diffusion/families/registry.ts';
import { sha256Of } from './hash.ts';
import { packManifest } from './pack-schema.ts';
import type { PackManifest } from './pack-schema.ts';

export interface ModelPack {
  manifest: PackManifest;
  folder: string;
}

/**
 * Every pack in the given folders: a folder that holds model.json is one pack, otherwise each of its subfolders that
 * holds one. A folder that does not exist holds none. What cannot be used is listed with its reason, never thrown.
 */
export async function readPacks(folders: string[]): Promise<{ packs: ModelPack[]; refused: SkippedFile[] }> {
  const packs: ModelPack[] = [];
  const refused: SkippedFile[] = [];
  for (const folder of (await Promise.all(folders.map(packFoldersIn))).flat()) {
    try {
      const pack = await readPack(folder);
      const twin = packs.find((other) => other.manifest.id === pack.manifest.id);
      if (twin !== undefined) throw duplicate(pack, twin);
      packs.push(pack);
    } catch (error) {
      const { tag, message } = serialiseError(error);
      refused.push({ path: path.join(folder, 'model.json'), error: { tag, message } });
    }
  }
  return { packs, refused };
}

/** Throws PackInvalid (missing file, another size) or HashMismatch when the weights are not those of the manifest. */
export async function verifyPack(pack: ModelPack): Promise<void> {
  await readWeights(pack);
}

/** The denoiser's bytes, once their SHA-256 is checked. Throws as `verifyPack`. */
export async function readWeights(pack: ModelPack): Promise<Uint8Array> {
  const file = pack.manifest.files.denoiser;
  const filePath = path.join(pack.folder, file.path);
  const bytes = await readFile(filePath).catch((cause: unknown) => Promise.reject(missingWeights(filePath, cause)));
  const found = sha256Of(bytes);
  if (found !== file.sha256) {
    throw new VerisimError(
      'HashMismatch',
      `The weights ${filePath} are not those named by model.json: SHA-256 ${file.sha256} was expected, ${found} was found. Install the pack again.`,
      { path: filePath, expected: file.sha256, found },
    );
  }
  return bytes;
}

export function summarisePack({ manifest }: ModelPack): ModelSummary {
  const { sampler, steps, spacing, guidance } = manifest.sampling;
  const { name, licence, images, split } = manifest.data;
  return {
    id: manifest.id,
    version: manifest.version,
    name: manifest.name,
    licence: manifest.licence,
    family: manifest.family,
    modality: manifest.modality,
    anatomy: manifest.anatomy,
    image: manifest.image,
    parameters: manifest.parameters,
    gflopsPerStep: manifest.gflopsPerStep,
    classes: manifest.conditioning?.classes ?? [],
    defaults: { sampler, steps, spacing, guidance },
    data: { name, licence, images, split },
    training: manifest.training,
    quality: manifest.quality,
    intendedUse: manifest.intendedUse,
    limits: manifest.limits,
  };
}

async function packFoldersIn(folder: string): Promise<string[]> {
  if (await isFile(path.join(folder, 'model.json'))) return [folder];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const candidates = entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(folder, entry.name));
  const holds = await Promise.all(candidates.map((candidate) => isFile(path.join(candidate, 'model.json'))));
  return candidates.filter((_, i) => holds[i]).sort();
}

async function readPack(folder: string): Promise<ModelPack> {
  const manifestPath = path.join(folder, 'model.json');
  const parsed = packManifest.safeParse(await readJson(manifestPath));
  if (!parsed.success) throw invalidManifest(manifestPath, parsed.error);
  const manifest = parsed.data;
  if (families[manifest.family] === undefined) {
    const known = Object.keys(families).join(', ');
    throw new VerisimError(
      'PackInvalid',
      `The pack ${manifestPath} is of the family ${manifest.family}, which is not supported by this version; ${known} are.`,
      { path: manifestPath, expected: known, found: manifest.family },
    );
  }
  const { path: name, bytes } = manifest.files.denoiser;
  const weightsPath = path.join(folder, name);
  const found = await stat(weightsPath).catch((cause: unknown) => Promise.reject(missingWeights(weightsPath, cause)));
  if (found.size !== bytes) {
    throw new VerisimError(
      'HashMismatch',
      `The weights ${weightsPath} have ${found.size} bytes where model.json names ${bytes}. Install the pack again.`,
      { path: weightsPath, expected: `${bytes} bytes`, found: `${found.size} bytes` },
    );
  }
  return { manifest, folder };
}

async function readJson(manifestPath: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(manifestPath, 'utf8'));
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new VerisimError('PackInvalid', `The pack manifest ${manifestPath} could not be read as JSON: ${found}.`, {
      path: manifestPath,
      expected: 'JSON',
      found,
      cause,
    });
  }
}

function invalidManifest(manifestPath: string, error: z.ZodError): VerisimError {
  const issues = error.issues.map((issue) => `${issue.path.join('.') || 'model.json'}: ${issue.message}`);
  const more = issues.length > 5 ? `; and ${issues.length - 5} more` : '';
  return new VerisimError(
    'PackInvalid',
    `The pack manifest ${manifestPath} does not follow the schema: ${issues.slice(0, 5).join('; ')}${more}.`,
    { path: manifestPath, expected: 'a generator manifest, schema 1', found: issues.join('; '), cause: error },
  );
}

function missingWeights(weightsPath: string, cause: unknown): VerisimError {
  return new VerisimError('PackInvalid', `The weights ${weightsPath} named by model.json cannot be read.`, {
    path: weightsPath,
    expected: 'a readable file',
    found: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

function duplicate(pack: ModelPack, twin: ModelPack): VerisimError {
  return new VerisimError(
    'PackInvalid',
    `The pack in ${pack.folder} has the id ${pack.manifest.id}, which the pack in ${twin.folder} already has.`,
    { path: pack.folder, expected: 'an id of its own', found: pack.manifest.id },
  );
}

async function isFile(candidate: string): Promise<boolean> {
  return stat(candidate).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
