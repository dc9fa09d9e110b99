import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Volume } from '../../../preload/domain.ts';
import { basicProfileOnly } from '../../../preload/deidentify.ts';
import { createPseudonyms } from '../../../main/imaging/deidentify/pseudonyms.ts';
import { exportSeries } from '../../../main/imaging/export/export-series.ts';
import { writeSyntheticDicom } from '../../../main/imaging/export/synthetic-dicom.ts';
import { findSeries } from '../../../main/imaging/find.ts';
import type { IndexedSeries } from '../../../main/imaging/find.ts';
import { loadVolume } from '../../../main/imaging/load.ts';
import { readTags } from '../../../main/imaging/tags.ts';
import { cornersOf } from '../../corpus/corners.ts';
import { corpora, hasCorpora, inFolder, titleWith } from './shared.ts';
import { sliceFile } from './slices.ts';
import { dicomErrors, hasProgram, pythonWith, runPython, validator } from './tools.ts';

const hasDciodvfy = hasProgram(validator);
const nibabel = pythonWith('nibabel', 'pydicom', 'numpy');

async function open(path: string, folder: string): Promise<{ series: IndexedSeries; volume: Volume }> {
  const { series } = await findSeries([path], { unpackFolder: join(folder, 'unpacked') });
  const one = series[0] as IndexedSeries;
  return { series: one, volume: await loadVolume(one) };
}

function placesOf({ series, volume }: { series: IndexedSeries; volume: Volume }): number[][] {
  return cornersOf(volume, series.summary.slices).flat();
}

/** The same eight points, in whatever order the axes now run. */
function farthest(one: number[][], other: number[][]): number {
  const near = (corner: number[]) =>
    other.map((each) => Math.hypot(...each.map((value, axis) => value - (corner[axis] ?? NaN))));
  return Math.max(...one.map((corner) => Math.min(...near(corner))));
}

/** As text, so that a difference does not print a million numbers. */
function sorted(voxels: Volume['voxels']): string {
  return Float64Array.from(voxels).sort().join();
}

async function thereAndBack(path: string, folder: string) {
  const before = await open(path, folder);
  const [nifti = ''] = await exportSeries(before.series, before.volume, {
    format: 'nifti',
    folder: join(folder, 'nifti'),
    deidentify: null,
  });
  const between = await open(nifti, folder);
  const written = await exportSeries(between.series, between.volume, {
    format: 'dicom',
    folder: join(folder, 'dicom'),
    deidentify: null,
  });
  return { before, nifti, written, after: await open(join(folder, 'dicom'), folder) };
}

describe('DICOM → NIfTI → DICOM', () => {
  it('keeps values and places of an oblique series', () =>
    inFolder(async (folder) => {
      const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
      const input = join(folder, 'in');
      await mkdir(input);
      for (let z = 0; z < 5; z++) {
        await writeFile(join(input, `${z}`), sliceFile({ z, value: 100 + z, row: [c, s, 0], column: [-s, c, 0] }));
      }
      const { before, written, after } = await thereAndBack(input, folder);
      expect(sorted(after.volume.voxels)).toEqual(sorted(before.volume.voxels));
      expect(farthest(placesOf(after), placesOf(before))).toBeLessThan(1e-3);
      if (hasDciodvfy) expect(dicomErrors(written[0] ?? '')).toEqual([]);
    }));

  for (const name of ['dicom/pydicom/dicomdirtests/98892001/CT5N', 'dicom/enhanced-mr/Siemens/XA10/6_1.dcm']) {
    it.skipIf(!hasCorpora)(titleWith(`keeps values and places of ${name}`, hasCorpora, 'shared/data'), () =>
      inFolder(async (folder) => {
        const { before, after } = await thereAndBack(join(corpora, name), folder);
        expect(sorted(after.volume.voxels) === sorted(before.volume.voxels)).toBe(true);
        expect(farthest(placesOf(after), placesOf(before))).toBeLessThan(1e-2);
      }),
    );
  }

  it.skipIf(!hasCorpora || nibabel === null)(
    titleWith(
      'a tilted series keeps its tilt: nibabel has its corners, no qform claims otherwise',
      hasCorpora && nibabel !== null,
      'shared/data or nibabel',
    ),
    () =>
      inFolder(async (folder) => {
        const { before, nifti, after } = await thereAndBack(join(corpora, 'dicom', 'ct-head-tilted'), folder);
        const code =
          'import sys,json,nibabel,numpy as n; a=nibabel.load(sys.argv[1]); m=n.diag([-1,-1,1,1])@a.affine; e=[[0,s-1] for s in a.shape[:3]];' +
          'print(json.dumps([int(a.header["qform_code"]), [(m@[i,j,k,1])[:3].tolist() for k in e[2] for j in e[1] for i in e[0]]]))';
        const [qform, corners] = JSON.parse(runPython(nibabel ?? '', code, nifti)) as [number, number[][]];
        expect(qform).toBe(0);
        expect(farthest(corners, placesOf(before))).toBeLessThan(1e-3);
        expect(farthest(placesOf(after), placesOf(before))).toBeLessThan(1e-2);
        expect(sorted(after.volume.voxels) === sorted(before.volume.voxels)).toBe(true);
      }),
  );
});

describe('digital X-ray', () => {
  it('is written as such where it is synthetic, valid, with its spacing at the detector', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'dx.dcm');
      await writeFile(
        path,
        writeSyntheticDicom({
          pixels: Float32Array.from({ length: 64 * 48 }, (_, i) => (i % 64) / 63),
          storedRange: { min: 0, max: 1 },
          width: 64,
          height: 48,
          spacingMm: [0.2, 0.3],
          modality: 'DX',
          instanceNumber: 1,
          seriesKey: 'key',
          provenance: {
            modelId: 'm',
            modelVersion: '1',
            modelSha256: 'a1'.repeat(32),
            sampler: 'ddim',
            steps: 20,
            guidance: 1,
            classId: null,
            seed: 5,
            strength: null,
            sourceSha256: null,
            application: 'Verisim',
          },
        }),
      );
      const { series, volume } = await open(path, folder);
      const value = async (keyword: string) =>
        (await readTags(series, 0)).find((element) => element.keyword === keyword)?.value;
      expect(await value('SOPClassUID')).toBe('1.2.840.10008.5.1.4.1.1.1.1');
      expect(await value('PresentationIntentType')).toBe('FOR PRESENTATION');
      expect(volume.spacingMm.slice(0, 2)).toEqual([0.2, 0.3]);
      expect([volume.range.min, volume.range.max]).toEqual([0, 65_535]);
      if (hasDciodvfy) expect(dicomErrors(path)).toEqual([]);
      const out = await exportSeries(series, volume, {
        format: 'dicom',
        folder: join(folder, 'out'),
        deidentify: { options: basicProfileOnly, pseudonyms: createPseudonyms('key') },
      });
      expect((await readFile(out[0] ?? '')).includes('FOR PRESENTATION')).toBe(true);
      if (hasDciodvfy) expect(dicomErrors(out[0] ?? '')).toEqual([]);
    }));
});

describe('one object with all slices', () => {
  const fixtures = join(import.meta.dirname, 'fixtures', 'files');
  for (const name of ['overlaid', 'diffusion', 'nifti/rgba.nii.gz', 'raw/attached.nrrd']) {
    it(`${name} keeps its values and its place, and is valid`, () =>
      inFolder(async (folder) => {
        const { series } = await findSeries([join(fixtures, name)], { unpackFolder: folder });
        const one = series[0] as IndexedSeries;
        const volume = await loadVolume(one);
        for (const deidentify of [false, true]) {
          const [path = ''] = await exportSeries(one, volume, {
            format: 'dicom',
            folder: join(folder, String(deidentify)),
            deidentify: deidentify ? { options: basicProfileOnly, pseudonyms: createPseudonyms('key') } : null,
            multiFrame: true,
          });
          if (hasDciodvfy) expect(dicomErrors(path)).toEqual([]);
          const again = await findSeries([path], { unpackFolder: folder });
          const written = await loadVolume(again.series[0] as IndexedSeries);
          expect(written.dimensions.toSorted()).toEqual(volume.dimensions.toSorted());
          expect(sorted(written.voxels)).toBe(sorted(volume.voxels));
          expect(again.series[0]?.summary.spacingMm.toSorted()).toEqual(volume.spacingMm.toSorted());
        }
      }));
  }
});
