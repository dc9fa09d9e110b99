import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { ScalarArray, ScalarType, Volume, VolumeDescription } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import type { IndexedSeries } from '../imaging/indexed-series.ts';
import { loadVolume } from '../imaging/load.ts';
import type { DataFolder } from '../log/data-folder.ts';

export interface VolumeStore {
  /** Makes sure that the voxels lie in the cache. Decodes only once, and again when the files have changed since. */
  describe(series: IndexedSeries, options: ReadOptions): Promise<VolumeDescription>;
  read(series: IndexedSeries, options: ReadOptions): Promise<Volume>;
  /** Keeps voxels that are no series, as those of an overlay; they can be fetched by their id. */
  keep(volume: Volume): Promise<void>;
}

interface ReadOptions {
  signal?: AbortSignal;
  onProgress?: (progress: { done: number; total: number | null; phase: string }) => void;
}

interface CachedDescription {
  description: VolumeDescription;
  /** Hash of the paths, times and sizes of the files that the voxels came from. */
  sources: string;
}

/** Canonical volumes as files: `<id>.raw`, the voxels, written first, and `<id>.json`. The least recently used go first. */
export function createVolumeStore(folder: DataFolder, limitBytes: number): VolumeStore {
  const decoding = new Map<string, Promise<VolumeDescription>>();
  let last: { sources: string; volume: Volume } | null = null;

  async function describe(series: IndexedSeries, options: ReadOptions): Promise<VolumeDescription> {
    const { id } = series.summary;
    const sources = await fingerprint(series);
    const cached = await readCached(id, sources);
    if (cached !== null) return cached;
    const running = decoding.get(id) ?? decode(series, sources, options).finally(() => decoding.delete(id));
    decoding.set(id, running);
    return running;
  }

  async function readCached(id: string, sources: string): Promise<VolumeDescription | null> {
    try {
      const file = folder.volumeDescription(id);
      const { description, sources: found } = JSON.parse(await readFile(file, 'utf8')) as CachedDescription;
      if (found !== sources) return null;
      const { size } = await stat(folder.volumeVoxels(id));
      if (size !== byteLength(description)) return null;
      const now = new Date();
      await utimes(file, now, now).catch(() => undefined);
      return description;
    } catch {
      return null;
    }
  }

  async function decode(series: IndexedSeries, sources: string, options: ReadOptions): Promise<VolumeDescription> {
    const volume = await loadVolume(series, options);
    const description = await write(volume, sources);
    last = { sources, volume };
    return description;
  }

  async function write({ voxels, ...description }: Volume, sources: string): Promise<VolumeDescription> {
    const { id } = description;
    await evict(byteLength(description), id);
    await rm(folder.volumeDescription(id), { force: true });
    await writeFileAtomic(folder.volumeVoxels(id), new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength));
    const text = JSON.stringify({ description, sources } satisfies CachedDescription);
    await writeFileAtomic(folder.volumeDescription(id), text);
    // As it will be read from the cache, to the sign of zeros.
    return (JSON.parse(text) as CachedDescription).description;
  }

  async function read(series: IndexedSeries, options: ReadOptions): Promise<Volume> {
    const description = await describe(series, options);
    const sources = await fingerprint(series);
    if (last?.sources === sources) return last.volume;
    const bytes = await readFile(folder.volumeVoxels(series.summary.id));
    const volume = { ...description, voxels: scalars(bytes, description.scalarType) };
    last = { sources, volume };
    return volume;
  }

  /** Makes room for one more volume. The time of a description is that of its last use. */
  async function evict(neededBytes: number, keep: string): Promise<void> {
    const names = (await readdir(folder.volumes)).filter((name) => name.endsWith('.json') && name !== `${keep}.json`);
    const entries = await Promise.all(
      names.map(async (name) => {
        const id = path.basename(name, '.json');
        const { mtimeMs } = await stat(folder.volumeDescription(id));
        const size = await stat(folder.volumeVoxels(id)).then(
          (found) => found.size,
          () => 0,
        );
        return { id, mtimeMs, size };
      }),
    );
    let total = neededBytes + entries.reduce((sum, { size }) => sum + size, 0);
    for (const { id, size } of entries.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= limitBytes) return;
      await rm(folder.volumeDescription(id), { force: true });
      await rm(folder.volumeVoxels(id), { force: true });
      total -= size;
    }
  }

  const keep = async (volume: Volume): Promise<void> => void (await write(volume, ''));

  return { describe, read, keep };
}

/** Throws FileNotReadable when a file of the series is gone. */
async function fingerprint(series: IndexedSeries): Promise<string> {
  const found = await Promise.all(
    series.files.map(async ({ path: file }) => {
      const entry = await stat(file).catch((cause: unknown) => Promise.reject(gone(series, file, cause)));
      return [file, entry.mtimeMs, entry.size];
    }),
  );
  return createHash('sha256')
    .update(JSON.stringify([series.summary.id, found]))
    .digest('hex');
}

function gone(series: IndexedSeries, file: string, cause: unknown): VerisimError {
  const name = series.summary.description || series.summary.id;
  return new VerisimError(
    'FileNotReadable',
    `The file ${file} of the series ${name} cannot be read any more. Put it back where it was, or open the series again from its new place.`,
    { path: file, expected: 'a readable file', found: cause instanceof Error ? cause.message : String(cause), cause },
  );
}

const bytesPerScalar: Record<ScalarType, number> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
};

function byteLength({ dimensions, samplesPerVoxel, scalarType }: VolumeDescription): number {
  return dimensions[0] * dimensions[1] * dimensions[2] * samplesPerVoxel * bytesPerScalar[scalarType];
}

function scalars(bytes: Buffer, type: ScalarType): ScalarArray {
  const { buffer, byteOffset, byteLength: length } = bytes;
  const aligned = byteOffset % 4 === 0 ? buffer.slice(byteOffset, byteOffset + length) : Uint8Array.from(bytes).buffer;
  switch (type) {
    case 'uint8':
      return new Uint8Array(aligned);
    case 'int8':
      return new Int8Array(aligned);
    case 'uint16':
      return new Uint16Array(aligned);
    case 'int16':
      return new Int16Array(aligned);
    case 'uint32':
      return new Uint32Array(aligned);
    case 'int32':
      return new Int32Array(aligned);
    case 'float32':
      return new Float32Array(aligned);
  }
}
