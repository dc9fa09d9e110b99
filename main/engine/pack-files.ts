import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { VerisimError } from '../../preload/errors.ts';

/** The folders of packs below a folder: itself where it holds model.json, otherwise each subfolder that does. Sorted. */
export async function packFoldersIn(folder: string): Promise<string[]> {
  if (await isFile(path.join(folder, 'model.json'))) return [folder];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const candidates = entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(folder, entry.name));
  const holds = await Promise.all(candidates.map((candidate) => isFile(path.join(candidate, 'model.json'))));
  return candidates.filter((_, i) => holds[i]).sort();
}

/** The content of a model.json, not yet checked. Throws PackInvalid. */
export async function readManifest(manifestPath: string): Promise<unknown> {
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

/** `role` = what the pack says it is: a generator makes images, an extractor measures them. */
export function roleOf(manifest: unknown): unknown {
  return typeof manifest === 'object' && manifest !== null && 'role' in manifest ? manifest.role : undefined;
}

/** PackInvalid with the first five places that do not follow the schema of the role. */
export function invalidManifest(
  manifestPath: string,
  role: 'generator' | 'extractor',
  error: z.ZodError,
): VerisimError {
  const issues = error.issues.map((issue) => `${issue.path.join('.') || 'model.json'}: ${issue.message}`);
  const more = issues.length > 5 ? `; and ${issues.length - 5} more` : '';
  const expected = role === 'generator' ? 'a generator manifest, schema 1' : 'an extractor manifest, schema 1';
  return new VerisimError(
    'PackInvalid',
    `The pack manifest ${manifestPath} does not follow the schema: ${issues.slice(0, 5).join('; ')}${more}.`,
    { path: manifestPath, expected, found: issues.join('; '), cause: error },
  );
}

export function missingWeights(weightsPath: string, cause: unknown): VerisimError {
  return new VerisimError('PackInvalid', `The weights ${weightsPath} named by model.json cannot be read.`, {
    path: weightsPath,
    expected: 'a readable file',
    found: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

async function isFile(candidate: string): Promise<boolean> {
  return stat(candidate).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
