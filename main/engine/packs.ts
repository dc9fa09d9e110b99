import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelSummary, RunDetail, SkippedFile } from '../../preload/domain.ts';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import { sha256Of } from './hash.ts';
import { invalidManifest, missingWeights, packFoldersIn, readManifest, roleOf } from './pack-files.ts';
import { packManifest } from './pack-schema.ts';
import type { PackFile, PackManifest } from './pack-schema.ts';

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
      if (pack === null) continue;
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

/** Throws PackInvalid (missing file, another size) or HashMismatch when a file is not that of the manifest. */
export async function verifyPack(pack: ModelPack): Promise<void> {
  for (const { file } of packFiles(pack)) await readWeights(pack, file);
}

/** The networks of a pack: the denoiser, and for the families with an autoencoder its two halves. */
export function packFiles({ manifest }: ModelPack): { name: string; file: PackFile }[] {
  const { denoiser, encoder, decoder } = manifest.files;
  const all = [
    { name: 'model', file: denoiser },
    { name: 'encoder', file: encoder },
    { name: 'decoder', file: decoder },
  ];
  return all.flatMap(({ name, file }) => (file === undefined ? [] : [{ name, file }]));
}

/** One hash for all weights of a pack: the denoiser's where that is the only file, else that of the list of all. */
export function weightsSha256(pack: ModelPack): string {
  const files = packFiles(pack);
  const { sha256 } = pack.manifest.files.denoiser;
  return files.length === 1 ? sha256 : sha256Of(files.map(({ name, file }) => `${name} ${file.sha256}\n`).join(''));
}

/** What a run logs of the weights it is made with. */
export function weightsInputs(pack: ModelPack): RunDetail['inputs'] {
  return packFiles(pack).map(({ name, file: { path: fileName, sha256 } }) => {
    return { name, sha256, path: path.join(pack.folder, fileName) };
  });
}

/** Other weights would make other images under the same name. Throws HashMismatch when the run was logged with other ones. */
export function checkWeights(pack: ModelPack, run: Pick<RunDetail, 'id' | 'inputs' | 'versions'>): void {
  for (const { name, sha256, path: filePath } of weightsInputs(pack)) {
    const logged = run.inputs.find((input) => input.name === name)?.sha256 ?? 'nothing';
    if (logged === sha256) continue;
    throw new VerisimError(
      'HashMismatch',
      `Run ${run.id} was made with other weights of ${pack.manifest.id} than are installed: SHA-256 ${logged} was logged, ${filePath} has ${sha256}. Install version ${run.versions.model ?? 'of the run'} of the model, or start a new generation.`,
      { path: filePath, expected: logged, found: sha256 },
    );
  }
}

/** The bytes of one file of the pack, once their SHA-256 is checked. Throws as `verifyPack`. */
export async function readWeights(pack: ModelPack, file: PackFile): Promise<Uint8Array> {
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

/** Null for an extractor, which extractor-packs.ts reads. */
async function readPack(folder: string): Promise<ModelPack | null> {
  const manifestPath = path.join(folder, 'model.json');
  const content = await readManifest(manifestPath);
  if (roleOf(content) === 'extractor') return null;
  const parsed = packManifest.safeParse(content);
  if (!parsed.success) throw invalidManifest(manifestPath, 'generator', parsed.error);
  const pack = { manifest: parsed.data, folder };
  for (const { file } of packFiles(pack)) await checkSize(pack, file);
  return pack;
}

async function checkSize({ folder }: ModelPack, { path: name, bytes }: PackFile): Promise<void> {
  const weightsPath = path.join(folder, name);
  const found = await stat(weightsPath).catch((cause: unknown) => Promise.reject(missingWeights(weightsPath, cause)));
  if (found.size === bytes) return;
  throw new VerisimError(
    'HashMismatch',
    `The weights ${weightsPath} have ${found.size} bytes where model.json names ${bytes}. Install the pack again.`,
    { path: weightsPath, expected: `${bytes} bytes`, found: `${found.size} bytes` },
  );
}

function duplicate(pack: ModelPack, twin: ModelPack): VerisimError {
  return new VerisimError(
    'PackInvalid',
    `The pack in ${pack.folder} has the id ${pack.manifest.id}, which the pack in ${twin.folder} already has.`,
    { path: pack.folder, expected: 'an id of its own', found: pack.manifest.id },
  );
}
