import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { SkippedFile } from '../../preload/domain.ts';
import { deserialiseError, VerisimError } from '../../preload/errors.ts';
import type { PackReport } from '../../preload/models.ts';
import { type DryRunHost, type DryRunReport, dryRun } from './dry-run.ts';
import { estimatePackBytes, freeBytes, notEnoughMemory } from './memory-estimate.ts';
import { readNetworkFile } from './network-file.ts';
import { type ModelPack, packFiles, readPacks, readWeights } from './packs.ts';

/** A manifest is text of a few kilobytes. */
const largestManifestBytes = 2 ** 20;
/** ONNX files without external data are Protocol Buffers, which end there. */
const largestNetworkBytes = 2 ** 31 - 1;
const safeId = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** The pack of exactly this folder, its manifest and the sizes of its files checked. Throws PackInvalid, HashMismatch, TooLarge. */
export async function readCandidate(folder: string): Promise<ModelPack> {
  await checkFile(path.join(folder, 'model.json'), largestManifestBytes, noManifest(folder));
  const { packs, refused } = await readPacks([folder]);
  const [pack] = packs;
  if (pack === undefined) throw refusal(folder, refused);
  const { id } = pack.manifest;
  if (!safeId.test(id)) {
    throw new VerisimError(
      'PackInvalid',
      `The pack in ${folder} has the id ${id}; an id begins and ends with a letter or a digit, as it names a folder.`,
      { path: folder, expected: 'letters, digits, and dot, dash, underscore between them', found: id },
    );
  }
  for (const { file } of packFiles(pack)) await checkFile(path.join(folder, file.path), largestNetworkBytes);
  return pack;
}

/**
 * What is checked beyond the manifest before a pack is listed: SHA-256, the ONNX graphs, the memory, and a dry run of every
 * network in a process of its own. Reads nothing outside the pack's folder and writes nothing. Throws PackInvalid,
 * HashMismatch, NotEnoughMemory, Cancelled.
 */
export async function checkCandidate(
  pack: ModelPack,
  { signal, host }: { signal: AbortSignal; host?: DryRunHost | undefined },
): Promise<{ report: PackReport; dryRun: DryRunReport }> {
  const { id, version, name } = pack.manifest;
  const files = packFiles(pack).map(({ file }) => file);
  for (const file of files) {
    signal.throwIfAborted();
    readNetworkFile(path.join(pack.folder, file.path), await readWeights(pack, file));
  }
  const needed = await estimatePackBytes(pack);
  const free = freeBytes();
  if (needed > free) throw notEnoughMemory(id, needed, free);
  const result = await dryRun({ pack, provider: 'cpu' }, { signal, host });
  const listed = files.map((file) => ({ name: file.path, bytes: file.bytes, sha256: file.sha256 }));
  const { provider, seconds, peakBytes } = result;
  return { report: { id, version, name, files: listed, trial: { provider, seconds, peakBytes } }, dryRun: result };
}

function refusal(folder: string, [first]: SkippedFile[]): VerisimError {
  if (first === undefined) {
    return new VerisimError(
      'PackInvalid',
      `The pack in ${folder} makes no images; only packs of the role generator can be imported.`,
      { path: path.join(folder, 'model.json'), expected: 'role generator', found: 'another role' },
    );
  }
  const { tag, message } = first.error;
  return deserialiseError({
    tag: tag === 'HashMismatch' ? tag : 'PackInvalid',
    message,
    details: { path: first.path },
  });
}

/** A plain file of the folder itself: a link could name any file of this machine. */
async function checkFile(filePath: string, most: number, absent?: VerisimError): Promise<void> {
  const found = await lstat(filePath).catch((cause: unknown) => {
    throw absent ?? missing(filePath, cause);
  });
  if (!found.isFile()) {
    const what = found.isSymbolicLink() ? 'a link' : found.isDirectory() ? 'a folder' : 'a device';
    throw new VerisimError(
      'PackInvalid',
      `${filePath} is ${what}; a pack holds its files itself. Copy the file into the folder of the pack.`,
      { path: filePath, expected: 'a file', found: what },
    );
  }
  if (found.size <= most) return;
  throw new VerisimError(
    'TooLarge',
    `${filePath} has ${found.size} bytes, more than the ${most} that such a file may have.`,
    { path: filePath, expected: `at most ${most} bytes`, found: `${found.size} bytes` },
  );
}

function noManifest(folder: string): VerisimError {
  return new VerisimError(
    'PackInvalid',
    `${folder} holds no model.json, so it is not a model pack. Choose the folder that holds one; models/training/recipes tells how a pack is made.`,
    { path: folder, expected: 'model.json', found: 'none' },
  );
}

function missing(filePath: string, cause: unknown): VerisimError {
  return new VerisimError('PackInvalid', `${filePath}, which model.json names, is missing or cannot be read.`, {
    path: filePath,
    expected: 'a readable file',
    found: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}
