import { cp, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { findSeries } from '../../../main/imaging/find.ts';
import type { IndexedSeries } from '../../../main/imaging/find.ts';
import { deriveUid } from '../../../main/imaging/export/uid.ts';
import { loadVolume } from '../../../main/imaging/load.ts';
import { readTags } from '../../../main/imaging/tags.ts';
import { renderThumbnail } from '../../../main/imaging/thumbnail.ts';
import { decodePng } from '../../../main/imaging/png.ts';
import { corpora, hasCorpora, inFolder, sampleFolder, titleWith } from './shared.ts';
import { sliceFile } from './slices.ts';

const sampleNifti = join(sampleFolder, 'colin27-t1.nii.gz');

function find(path: string, folder: string) {
  return findSeries([path], { unpackFolder: join(folder, 'unpacked') });
}

describe('finding series', () => {
  it('one bad file of each kind gets a tagged error and the good files still open', () =>
    inFolder(async (folder) => {
      const input = join(folder, 'input');
      await mkdir(input);
      await writeFile(join(input, 'good-1'), sliceFile({ z: 0 }));
      await writeFile(join(input, 'good-2.txt'), sliceFile({ z: 1 }));
      await writeFile(join(input, 'note.dcm'), 'This is a text that somebody renamed to look like an image.');
      await writeFile(join(input, 'truncated.dcm'), sliceFile({ z: 2 }).subarray(0, 900));
      await writeFile(join(input, 'cut-header.dcm'), sliceFile({ z: 3 }).subarray(0, 300));
      await writeFile(join(input, 'empty.dcm'), '');
      const nifti = Buffer.alloc(400);
      nifti.writeInt32LE(348, 0);
      await writeFile(join(input, 'wrong.nii'), nifti);
      await writeFile(join(input, 'broken.zip'), 'PK\u0003\u0004 and nothing that a ZIP needs');
      await writeFile(join(input, 'broken.nii.gz'), Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8));
      const { series, skipped } = await find(input, folder);
      expect(series.map(({ summary }) => summary.slices)).toEqual([2]);
      const tags = Object.fromEntries(skipped.map(({ path, error }) => [path.split('/').at(-1), error.tag]));
      expect(tags).toEqual({
        'note.dcm': 'NotRecognised',
        'truncated.dcm': 'DicomInvalid',
        'cut-header.dcm': 'DicomInvalid',
        'empty.dcm': 'NotRecognised',
        'wrong.nii': 'NiftiInvalid',
        'broken.zip': 'ArchiveInvalid',
        'broken.nii.gz': 'ArchiveInvalid',
      });
      for (const { path, error } of skipped) expect(error.message).toContain(path);
    }));

  it('an empty folder is an error of its own, a path that is not there is reported', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, 'empty'));
      await expect(find(join(folder, 'empty'), folder)).rejects.toMatchObject({ tag: 'EmptyFolder' });
      const { series, skipped } = await find(join(folder, 'nowhere'), folder);
      expect(series).toEqual([]);
      expect(skipped[0]?.error.tag).toBe('FileNotReadable');
    }));

  it('a folder that links to itself is walked once', () =>
    inFolder(async (folder) => {
      const input = join(folder, 'input');
      await mkdir(input);
      await writeFile(join(input, 'a'), sliceFile({ z: 0 }));
      await symlink(input, join(input, 'again'));
      const { series } = await find(input, folder);
      expect(series[0]?.files.length).toBe(1);
    }));

  it('one chosen slice opens its whole series and no other', () =>
    inFolder(async (folder) => {
      const input = join(folder, 'input');
      await mkdir(input);
      for (let z = 0; z < 5; z++) await writeFile(join(input, `a${z}`), sliceFile({ z }));
      await writeFile(join(input, 'b'), sliceFile({ z: 0, series: 'other' }));
      const { series } = await find(join(input, 'a3'), folder);
      expect(series.map(({ summary }) => summary.slices)).toEqual([5]);
    }));

  it('the id of a series does not depend on the folder or the order of its files', () =>
    inFolder(async (folder) => {
      for (const [name, order] of [
        ['one', [0, 1, 2]],
        ['two', [2, 0, 1]],
      ] as const) {
        await mkdir(join(folder, name));
        for (const [i, z] of order.entries()) await writeFile(join(folder, name, `${i}`), sliceFile({ z }));
      }
      const [one, two] = [await find(join(folder, 'one'), folder), await find(join(folder, 'two'), folder)];
      expect(one.series[0]?.summary.id).toBe(two.series[0]?.summary.id);
    }));

  it('slices that an anonymiser gave one and the same UID stay apart', () =>
    inFolder(async (folder) => {
      const input = join(folder, 'input');
      await mkdir(input);
      for (let z = 0; z < 3; z++) {
        const file = Buffer.from(sliceFile({ z }));
        const [own, shared] = [deriveUid(`series ${z} ${z} 1,0,0`), deriveUid('series 0 0 1,0,0')];
        const text = file.toString('latin1').replaceAll(own, shared.padEnd(own.length, '\0').slice(0, own.length));
        await writeFile(join(input, `${z}`), Buffer.from(text, 'latin1'));
      }
      const { series } = await find(input, folder);
      expect(series.map(({ summary }) => summary.slices)).toEqual([3]);
    }));

  it('localisers in several planes are not merged into one volume', () =>
    inFolder(async (folder) => {
      const input = join(folder, 'input');
      await mkdir(input);
      await writeFile(join(input, 'axial'), sliceFile({ z: 0 }));
      await writeFile(join(input, 'sagittal'), sliceFile({ z: 0, row: [0, 1, 0], column: [0, 0, -1] }));
      const { series } = await find(input, folder);
      expect(series.length).toBe(2);
    }));

  it('gaps, repeated files and several time points are told apart', () =>
    inFolder(async (folder) => {
      const input = (name: string) => join(folder, name);
      for (const name of ['gap', 'repeated', 'times']) await mkdir(input(name));
      for (const z of [0, 1, 2, 4, 5]) await writeFile(join(input('gap'), `${z}`), sliceFile({ z }));
      for (const z of [0, 1, 2]) await writeFile(join(input('repeated'), `${z}`), sliceFile({ z }));
      await cp(join(input('repeated'), '1'), join(input('repeated'), 'copy'));
      for (const time of [0, 1]) {
        for (const z of [0, 1, 2]) {
          await writeFile(
            join(input('times'), `${time}${z}`),
            sliceFile({ z, instance: 10 * time + z, value: 10 * time }),
          );
        }
      }
      const warnings = async (name: string) => (await find(input(name), folder)).series[0]?.summary.warnings.join(' ');
      expect(await warnings('gap')).toContain('1 slice seems to be missing');
      expect(await warnings('repeated')).toContain('1 repeated file was left out');
      const times = (await find(input('times'), folder)).series[0] as IndexedSeries;
      expect([times.summary.slices, times.summary.frames]).toEqual([3, 2]);
      const volume = await loadVolume(times);
      expect(volume.dimensions).toEqual([4, 4, 6]);
      expect([volume.voxels[0], volume.voxels[3 * 16]]).toEqual([0, 10]);
    }));
});

describe('archives', () => {
  it('a ZIP with a name that leaves its folder is refused', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'slip.zip');
      await writeFile(path, zipSync({ '../outside.dcm': sliceFile({ z: 0 }) }));
      const { skipped } = await find(path, folder);
      expect(skipped[0]?.error.tag).toBe('ArchiveInvalid');
      await expect(readFile(join(folder, 'outside.dcm'))).rejects.toThrow();
    }));

  it('a ZIP bomb is refused before it is unpacked', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'bomb.zip');
      await writeFile(path, zipSync({ 'zeros.dcm': new Uint8Array(64 << 20) }, { level: 9 }));
      const { skipped } = await find(path, folder);
      expect(skipped[0]?.error.tag).toBe('TooLarge');
    }));

  it('an archive in an archive stays closed', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'outer.zip');
      await writeFile(path, zipSync({ 'inner.zip': zipSync({ a: sliceFile({ z: 0 }) }), b: sliceFile({ z: 1 }) }));
      const { series, skipped } = await find(path, folder);
      expect(series.length).toBe(1);
      expect(skipped.map(({ error }) => error.tag)).toEqual(['NotRecognised']);
    }));

  it('a deflated DICOM that inflates to less than it says is refused', () =>
    inFolder(async (folder) => {
      const file = sliceFile({ z: 0 });
      const start = Buffer.from(file).indexOf(Buffer.from([0x08, 0, 0x05, 0]));
      const head = Buffer.from(file.subarray(0, start));
      const syntax = head.indexOf('1.2.840.10008.1.2.1\0');
      const meta = Buffer.concat([
        head.subarray(0, syntax - 2),
        Buffer.from([22, 0]),
        Buffer.from('1.2.840.10008.1.2.1.99'),
        head.subarray(syntax + 20),
      ]);
      const body = deflateRawSync(file.subarray(start));
      await writeFile(join(folder, 'whole.dcm'), Buffer.concat([meta, body]));
      const whole = await find(join(folder, 'whole.dcm'), folder);
      expect(whole.series.length).toBe(1);
      await mkdir(join(folder, 'cut'));
      await writeFile(join(folder, 'cut', 'cut.dcm'), Buffer.concat([meta, body.subarray(0, body.length - 40)]));
      const cut = await find(join(folder, 'cut'), folder);
      expect(cut.skipped[0]?.error.tag).toBe('DicomInvalid');
    }));
});

describe('files made to harm', () => {
  it('a deflate bomb is refused before it fills the memory', () =>
    inFolder(async (folder) => {
      const file = Buffer.from(sliceFile({ z: 0 }));
      const start = file.indexOf(Buffer.from([0x08, 0, 0x05, 0]));
      const syntax = file.indexOf('1.2.840.10008.1.2.1\0');
      const meta = Buffer.concat([
        file.subarray(0, syntax - 2),
        Buffer.from([22, 0]),
        Buffer.from('1.2.840.10008.1.2.1.99'),
        file.subarray(syntax + 20, start),
      ]);
      const zeros = Buffer.alloc(300 * 2 ** 20);
      await writeFile(join(folder, 'bomb.dcm'), Buffer.concat([meta, deflateRawSync(zeros)]));
      const before = process.memoryUsage().rss;
      const { skipped } = await find(join(folder, 'bomb.dcm'), folder);
      expect(skipped.map(({ error }) => error.tag)).toEqual(['TooLarge']);
      expect(process.memoryUsage().rss - before).toBeLessThan(220 * 2 ** 20);
    }));

  it('sequences nested without end are a damaged file', () =>
    inFolder(async (folder) => {
      const file = Buffer.from(sliceFile({ z: 0 }));
      const at = file.indexOf(Buffer.from([0x08, 0, 0x05, 0]));
      // Referenced Study Sequence of undefined length, with an item of undefined length, and so on.
      const level = Buffer.from([
        8, 0, 0x10, 0x11, 0x53, 0x51, 0, 0, 255, 255, 255, 255, 0xfe, 255, 0, 0xe0, 255, 255, 255, 255,
      ]);
      const nested = Buffer.concat([file.subarray(0, at), ...Array.from({ length: 20_000 }, () => level)]);
      await writeFile(join(folder, 'nested.dcm'), nested);
      const { skipped } = await find(join(folder, 'nested.dcm'), folder);
      expect(skipped.map(({ error }) => error.tag)).toEqual(['DicomInvalid']);
    }));
});

describe('NIfTI', () => {
  it('a compressed file that is cut off opens with a tagged error', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'cut.nii.gz');
      await cp(sampleNifti, path);
      await truncate(path, 100_000);
      const { series } = await find(path, folder);
      await expect(loadVolume(series[0] as IndexedSeries)).rejects.toMatchObject({ tag: 'ArchiveInvalid' });
    }));

  it('tags name the header fields, the thumbnail is a square PNG', async () => {
    const { series } = await findSeries([sampleNifti], { unpackFolder: '/nowhere' });
    const one = series[0] as IndexedSeries;
    const tags = await readTags(one, 0);
    expect(tags.find(({ tag }) => tag === 'dim')?.value).toBe('3 181 217 181 1 1 1 1');
    const png = decodePng(await renderThumbnail(one, 96));
    expect([png.width, png.height, png.depth]).toEqual([96, 96, 8]);
    expect(Math.max(...png.values)).toBeGreaterThan(150);
  });
});

describe.skipIf(!hasCorpora)(titleWith('the corpora', hasCorpora, 'shared/data'), () => {
  let result: Awaited<ReturnType<typeof findSeries>>;
  beforeAll(async () => {
    await inFolder(async (folder) => {
      result = await find(join(corpora, 'dicom', 'pydicom'), folder);
    });
  });

  it('objects without an image are left out by name', () => {
    const message = (name: string) => result.skipped.find(({ path }) => path.endsWith(name))?.error.message ?? '';
    expect(message('test-SR.dcm')).toContain('a structured report');
    expect(message('rtplan.dcm')).toContain('an RT plan');
    expect(message('rtstruct.dcm')).toContain('an RT structure set');
    expect(message('MR_truncated.dcm')).toContain('cut off');
  });

  it('a DICOMDIR opens the files that it names and reports those that are not there', () =>
    inFolder(async (folder) => {
      const { series, skipped } = await find(join(corpora, 'dicom', 'pydicom', 'dicomdirtests', 'DICOMDIR'), folder);
      expect(series.flatMap(({ files }) => files).length).toBeGreaterThanOrEqual(27);
      expect(skipped.every(({ error }) => error.tag === 'FileNotReadable')).toBe(true);
    }));

  it('gantry tilt and uneven spacing are told', () =>
    inFolder(async (folder) => {
      const { series } = await find(join(corpora, 'dicom', 'ct-head-tilted'), folder);
      expect(series[0]?.summary.warnings.join(' ')).toMatch(/uneven.*sheared by 18\.5°/);
    }));

  it('tags open sequences out and describe pixels by their length', async () => {
    const one = result.series.find(({ files }) => files[0]?.path.endsWith('CT_small.dcm')) as IndexedSeries;
    const tags = await readTags(one, 0);
    expect(tags.find(({ keyword }) => keyword === 'PatientName')?.value).toBe('CompressedSamples^CT1');
    expect(tags.find(({ keyword }) => keyword === 'OtherPatientIDsSequence')?.vr).toBe('SQ');
    expect(tags.some(({ depth }) => depth === 1)).toBe(true);
    expect(tags.find(({ keyword }) => keyword === 'PixelData')?.value).toBe('32768 bytes');
  });
});
