import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSeries } from '../../../main/imaging/find.ts';
import type { IndexedSeries } from '../../../main/imaging/find.ts';
import { loadVolume } from '../../../main/imaging/load.ts';
import { inFolder } from './shared.ts';
import { sliceFile } from './slices.ts';

/** 512 × 512 × 10 is above what one thread does alone. */
const size = 512;

async function writeSeries(folder: string, values: number[]): Promise<IndexedSeries> {
  await mkdir(folder, { recursive: true });
  for (const [z, value] of values.entries()) await writeFile(join(folder, `${z}`), sliceFile({ z, value, size }));
  const { series } = await findSeries([folder], { unpackFolder: folder });
  return series[0] as IndexedSeries;
}

function firstOfEach(voxels: ArrayLike<number>, slices: number): (number | undefined)[] {
  return Array.from({ length: slices }, (_, k) => voxels[k * size * size]);
}

describe('reading on every core', () => {
  it('puts every slice in its place and counts all values', () =>
    inFolder(async (folder) => {
      const values = [5, 900, 17, 3, 250, 61, 70, 80, 90, 100];
      const volume = await loadVolume(await writeSeries(folder, values));
      expect(firstOfEach(volume.voxels, 10)).toEqual(values);
      expect(volume.scalarType).toBe('int16');
      expect(volume.range).toEqual({ min: 3, max: 900, p1: 3, p99: 900 });
    }));

  it('begins again with a wider type where a value does not fit', () =>
    inFolder(async (folder) => {
      const values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 60_000];
      const volume = await loadVolume(await writeSeries(folder, values));
      expect(volume.scalarType).toBe('uint16');
      expect(firstOfEach(volume.voxels, 10)).toEqual(values);
      expect([volume.range.min, volume.range.max]).toEqual([0, 60_000]);
    }));

  it('reads the headers again where a file has changed since it was indexed', () =>
    inFolder(async (folder) => {
      const series = await writeSeries(folder, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      // The slice of 9 mm now lies before all others.
      await writeFile(join(folder, '9'), sliceFile({ z: -1, value: 77, size }));
      const volume = await loadVolume(series);
      expect(firstOfEach(volume.voxels, 10)).toEqual([77, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(volume.originLps[2]).toBe(-1);
    }));

  it('a file of another size that took the place of one is refused by name', () =>
    inFolder(async (folder) => {
      const series = await writeSeries(folder, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      await writeFile(join(folder, '4'), sliceFile({ z: 4, size: 256 }));
      await expect(loadVolume(series)).rejects.toMatchObject({
        tag: 'DicomInvalid',
        details: { path: join(folder, '4') },
      });
    }));

  it('stops when it is told to', () =>
    inFolder(async (folder) => {
      const series = await writeSeries(folder, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const cancel = new AbortController();
      const seen: number[] = [];
      const loading = loadVolume(series, {
        signal: cancel.signal,
        onProgress: ({ done }) => {
          seen.push(done);
          cancel.abort();
        },
      });
      await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
      expect(seen.length).toBeLessThan(10);
    }));

  it('bad files among many are listed and the good ones open', () =>
    inFolder(async (folder) => {
      for (let z = 0; z < 100; z++) await writeFile(join(folder, `${z}`), sliceFile({ z }));
      await writeFile(join(folder, 'note'), 'a text');
      await writeFile(join(folder, 'cut'), sliceFile({ z: 200 }).subarray(0, 700));
      const progress: number[] = [];
      const { series, skipped } = await findSeries([folder], {
        unpackFolder: folder,
        onProgress: ({ done }) => progress.push(done),
      });
      expect((await readdir(folder)).length).toBe(102);
      expect(series.map(({ summary }) => summary.slices)).toEqual([100]);
      expect(skipped.map(({ error }) => error.tag).toSorted()).toEqual(['DicomInvalid', 'NotRecognised']);
      expect(progress.length).toBeGreaterThan(2);
    }));
});
