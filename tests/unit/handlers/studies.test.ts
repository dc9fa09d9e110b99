import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodePng } from '../../../main/imaging/png.ts';
import { extractSlice } from '../../../main/imaging/slice.ts';
import { writeNiftiFile } from './nifti-file.ts';
import { context, openBench, openPhantom, type Bench } from './workspace.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.workspace.close());

const volume = (seriesId: string) => bench.handlers['studies.volume']({ seriesId }, context);

describe('studies', () => {
  it('opened once are listed again after a restart, with a preview', async () => {
    const { seriesId } = await openPhantom(bench);
    await bench.workspace.close();
    bench = await openBench(bench.place);
    const { series } = await bench.handlers['studies.list']({}, context);
    expect(series).toMatchObject([{ id: seriesId, format: 'nifti', columns: 40, rows: 48, slices: 20 }]);
    const preview = readFileSync(bench.workspace.folder.thumbnail(seriesId));
    expect(preview.subarray(1, 4).toString()).toBe('PNG');
  });

  it('with a bad file among good ones give the good ones and one tagged reason', async () => {
    const { file } = await openPhantom(bench);
    const bad = path.join(path.dirname(file), 'letter.dcm');
    writeFileSync(bad, 'Dear colleague, '.repeat(50));
    const { series, skipped } = await bench.handlers['studies.open']({ paths: [file, bad] }, context);
    expect(series.length).toBe(1);
    expect(skipped).toMatchObject([{ path: bad, error: { tag: 'NotRecognised' } }]);
  });

  it('are decoded once: the cache holds the voxels that the file holds', async () => {
    const { seriesId } = await openPhantom(bench);
    const described = await volume(seriesId);
    expect(described).toMatchObject({ id: seriesId, dimensions: [40, 48, 20], scalarType: 'int16', synthetic: false });
    const raw = bench.workspace.folder.volumeVoxels(seriesId);
    expect(statSync(raw).size).toBe(40 * 48 * 20 * 2);
    const written = statSync(raw).mtimeMs;
    const started = performance.now();
    expect(await volume(seriesId)).toEqual(described);
    expect(performance.now() - started).toBeLessThan(500);
    expect(statSync(raw).mtimeMs).toBe(written);
  });

  it('show their middle slice before the volume is read', async () => {
    const { seriesId } = await openPhantom(bench);
    await bench.handlers['studies.preview']({ seriesId }, context);
    const picture = decodePng(readFileSync(bench.workspace.folder.preview(seriesId)));
    expect([picture.width, picture.height]).toEqual([512, 512]);
    expect(Array.from(picture.values).some((value) => value > 100)).toBe(true);
  });

  it('are not remembered where opening them was cancelled', async () => {
    const { file } = await openPhantom(bench);
    const known = (await bench.handlers['studies.list']({}, context)).series.map(({ id }) => id);
    const folder = path.join(path.dirname(file), 'many');
    mkdirSync(folder);
    for (let i = 0; i < 300; i++) cpSync(file, path.join(folder, `${i}.nii`));
    const opening = bench.handlers['studies.open']({ paths: [folder] }, context);
    await bench.handlers['studies.cancel']({}, context);
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
    expect((await bench.handlers['studies.list']({}, context)).series.map(({ id }) => id)).toEqual(known);
    await bench.handlers['studies.open']({ paths: [file] }, context);
  });

  it('whose file has changed are decoded again', async () => {
    const { seriesId, file } = await openPhantom(bench);
    const before = await volume(seriesId);
    writeNiftiFile(file, { seed: 9 });
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    expect((await volume(seriesId)).range).not.toEqual(before.range);
  });

  it('whose file is gone say which one', async () => {
    const { seriesId, file } = await openPhantom(bench);
    rmSync(file);
    await expect(volume(seriesId)).rejects.toMatchObject({ tag: 'FileNotReadable', details: { path: file } });
  });

  it('least recently looked at leave the cache first', async () => {
    bench.workspace.log.settings.set('volumeCacheBytes', 40 * 48 * 20 * 2 * 2);
    await bench.workspace.close();
    bench = await openBench(bench.place);
    const ids: string[] = [];
    for (const seed of [1, 2]) ids.push((await openPhantom(bench, { name: `p${seed}.nii`, seed })).seriesId);
    const [first = '', second = ''] = ids;
    await volume(first);
    await volume(second);
    utimesSync(bench.workspace.folder.volumeDescription(second), new Date(0), new Date(0));
    const { seriesId: third } = await openPhantom(bench, { name: 'p3.nii', seed: 3 });
    await volume(third);
    const cached = [first, second, third].map((id) => existsSync(bench.workspace.folder.volumeVoxels(id)));
    expect(cached).toEqual([true, false, true]);
    expect((await volume(second)).id).toBe(second);
  });

  it('are forgotten without their files being touched', async () => {
    const { seriesId, file } = await openPhantom(bench);
    await volume(seriesId);
    const before = readFileSync(file);
    await bench.handlers['studies.forget']({ seriesId }, context);
    expect((await bench.handlers['studies.list']({}, context)).series).toEqual([]);
    expect(existsSync(bench.workspace.folder.volumeVoxels(seriesId))).toBe(false);
    expect(readFileSync(file).equals(before)).toBe(true);
    await expect(volume(seriesId)).rejects.toMatchObject({ tag: 'UnknownSeries' });
  });

  it('show the fields of their files, for slices that exist', async () => {
    const { seriesId } = await openPhantom(bench);
    const { elements } = await bench.handlers['studies.tags']({ seriesId, sliceIndex: 19 }, context);
    expect(elements.length).toBeGreaterThan(10);
    const beyond = bench.handlers['studies.tags']({ seriesId, sliceIndex: 20 }, context);
    await expect(beyond).rejects.toMatchObject({ tag: 'UnknownImage' });
  });

  it.skipIf(!existsSync(path.join(import.meta.dirname, '../../../resources/sample/colin27-t1-dicom.zip')))(
    'the sample opens as one DICOM MR series (skipped where resources/sample is not built)',
    async () => {
      const { series, skipped } = await bench.handlers['studies.openSample']({}, context);
      expect(skipped).toEqual([]);
      expect(series).toMatchObject([{ modality: 'MR', format: 'dicom', synthetic: false }]);
    },
  );
});

describe('images', () => {
  it('a slice lies in the cache as float32 in the units of the file', async () => {
    const { seriesId } = await openPhantom(bench);
    const image = { kind: 'slice', seriesId, sliceIndex: 10 } as const;
    const described = await bench.handlers['images.describe']({ image }, context);
    expect(described).toMatchObject({ width: 40, height: 48, spacingMm: [1, 1], synthetic: false });
    const bytes = readFileSync(bench.workspace.folder.imagePixels(described.id));
    const pixels = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const series = bench.workspace.log.series.get(seriesId);
    const expected = extractSlice(await bench.workspace.volumes.read(series, context), 10).pixels;
    expect(pixels).toEqual(expected);
    expect(described.range.max).toBe(Math.max(...expected));
  });

  it('that do not exist are refused by name', async () => {
    const { seriesId } = await openPhantom(bench);
    const image = { kind: 'slice', seriesId, sliceIndex: 20 } as const;
    await expect(bench.handlers['images.describe']({ image }, context)).rejects.toMatchObject({ tag: 'UnknownImage' });
    const output = { kind: 'output', runId: 'absent', index: 0 } as const;
    const missing = bench.handlers['images.describe']({ image: output }, context);
    await expect(missing).rejects.toMatchObject({ tag: 'UnknownRun' });
  });
});
