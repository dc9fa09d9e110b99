import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from './atomic-write.ts';
import type { ImagingOptions } from './indexed-series.ts';
import { readInflated } from './nifti/read.ts';

const mostEntries = 100_000;
const mostTotalBytes = 20 * 2 ** 30;
/** Deflate cannot exceed 1032 : 1; images do not reach 200 : 1, unless they are empty and small. */
const mostRatio = 200;
const ratioAppliesAboveBytes = 16 * 2 ** 20;

/**
 * Unpacks a ZIP below `unpackFolder`, in a folder named by the archive's SHA-256, once: a second call finds it there.
 * Throws ArchiveInvalid for damaged archives and for names that leave the folder, TooLarge for zip bombs. Sizes are
 * checked in the directory before anything is written and again while inflating (yauzl stops at the stated size).
 */
export async function unpackArchive(path: string, unpackFolder: string, options: ImagingOptions = {}): Promise<string> {
  const folder = join(unpackFolder, await sha256OfFile(path));
  if (await exists(folder)) return folder;
  const partial = `${folder}.${process.pid}.part`;
  try {
    await unpackInto(path, partial, options);
    await rename(partial, folder);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    throw archiveError(path, cause);
  }
  return folder;
}

/** A DICOM file that was compressed by itself, unpacked below `unpackFolder`. Throws ArchiveInvalid, TooLarge. */
export async function unpackGzip(path: string, unpackFolder: string): Promise<string> {
  const folder = join(unpackFolder, await sha256OfFile(path));
  const target = join(folder, basename(path).replace(/\.gz$/i, ''));
  if (await exists(target)) return target;
  const { size } = await stat(path);
  const bytes = await readInflated(path, { limit: Math.max(ratioAppliesAboveBytes, mostRatio * size) });
  await writeFileAtomic(target, bytes);
  return target;
}

async function unpackInto(path: string, folder: string, { signal, onProgress }: ImagingOptions): Promise<void> {
  await mkdir(folder, { recursive: true });
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    const entries = await readDirectory(zip, path, signal);
    for (const [index, entry] of entries.entries()) {
      signal?.throwIfAborted();
      await unpackEntry(zip, entry, { folder, path });
      onProgress?.({ done: index + 1, total: entries.length, phase: 'Unpacking' });
    }
  } finally {
    zip.close();
  }
}

/** The files of the central directory; folders are left out. */
async function readDirectory(zip: ZipFile, path: string, signal?: AbortSignal): Promise<Entry[]> {
  if (zip.entryCount > mostEntries) throw bomb(path, `at most ${mostEntries} entries`, `${zip.entryCount}`);
  const entries: Entry[] = [];
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    signal?.throwIfAborted();
    const { uncompressedSize: size, compressedSize } = entry;
    total += size;
    if (total > mostTotalBytes) throw bomb(path, 'at most 20 GiB of files', 'more');
    if (size > ratioAppliesAboveBytes && size > mostRatio * compressedSize) {
      throw bomb(
        path,
        `a compression of at most ${mostRatio} : 1`,
        `${Math.round(size / Math.max(1, compressedSize))} : 1`,
      );
    }
    if (entry.isEncrypted()) {
      throw new VerisimError(
        'ArchiveInvalid',
        `"${path}" is encrypted. Unpack it with its password and open the folder.`,
        {
          path,
          expected: 'an archive without a password',
          found: 'an encrypted entry',
        },
      );
    }
    if (!entry.fileName.endsWith('/')) entries.push(entry);
  }
  if (total > ratioAppliesAboveBytes && total > mostRatio * (await stat(path)).size) {
    throw bomb(path, `a compression of at most ${mostRatio} : 1`, 'overlapping entries');
  }
  return entries;
}

async function unpackEntry(zip: ZipFile, entry: Entry, where: { folder: string; path: string }): Promise<void> {
  const target = resolve(where.folder, entry.fileName);
  if (!target.startsWith(resolve(where.folder) + sep)) {
    throw new VerisimError(
      'ArchiveInvalid',
      `"${where.path}" holds the name "${entry.fileName}", which lies outside the archive.`,
      {
        path: where.path,
        expected: 'names inside the archive',
        found: entry.fileName,
      },
    );
  }
  await mkdir(dirname(target), { recursive: true });
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { flags: 'wx' }));
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex').slice(0, 32);
}

function bomb(path: string, expected: string, found: string): VerisimError {
  return new VerisimError(
    'TooLarge',
    `"${path}" unpacks to far more than it holds and was not opened: expected ${expected}, found ${found}.`,
    {
      path,
      expected,
      found,
    },
  );
}

function archiveError(path: string, cause: unknown): unknown {
  if (cause instanceof VerisimError || (cause instanceof Error && cause.name === 'AbortError')) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOSPC') {
    return new VerisimError(
      'DiskFull',
      `"${path}" was not unpacked: the disk is full. Free some space and try again.`,
      { path, cause },
    );
  }
  const found = cause instanceof Error ? cause.message : String(cause);
  return new VerisimError('ArchiveInvalid', `"${path}" is a ZIP archive that is damaged or cut off.`, {
    path,
    expected: 'a whole ZIP archive',
    found,
    cause,
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
