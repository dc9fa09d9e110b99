import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Volume } from '../../../preload/domain.ts';
import { findSeries } from '../../../main/imaging/find.ts';
import type { IndexedSeries } from '../../../main/imaging/find.ts';
import { loadVolume } from '../../../main/imaging/load.ts';
import { displayTurn, extractSlice } from '../../../main/imaging/slice.ts';
import { inFolder, sampleFolder, titleWith } from './shared.ts';
import { dicomErrors, hasProgram, validator } from './tools.ts';

async function open(name: string, unpackFolder: string): Promise<{ one: IndexedSeries; volume: Volume }> {
  const { series, skipped } = await findSeries([join(sampleFolder, name)], { unpackFolder });
  expect([series.length, skipped]).toEqual([1, []]);
  const one = series[0] as IndexedSeries;
  return { one, volume: await loadVolume(one) };
}

function valueAt(
  { dimensions, originLps, directionLps: d, spacingMm, voxels }: Volume,
  lps: readonly number[],
): number {
  const offset = lps.map((value, axis) => value - (originLps[axis] ?? 0));
  const [i = 0, j = 0, k = 0] = [0, 1, 2].map((axis) =>
    Math.round(
      ((d[axis] ?? 0) * (offset[0] ?? 0) +
        (d[3 + axis] ?? 0) * (offset[1] ?? 0) +
        (d[6 + axis] ?? 0) * (offset[2] ?? 0)) /
        (spacingMm[axis] ?? 1),
    ),
  );
  return voxels[(k * dimensions[1] + j) * dimensions[0] + i] ?? NaN;
}

const hasDciodvfy = hasProgram(validator);

describe('the sample study', () => {
  it('the DICOM series has the values of the NIfTI at every place in the patient', () =>
    inFolder(async (folder) => {
      const { one, volume } = await open('colin27-t1-dicom.zip', folder);
      const { volume: nifti } = await open('colin27-t1.nii.gz', folder);
      expect(one.summary).toMatchObject({ modality: 'MR', slices: 181, frames: 1, fileCount: 181, synthetic: false });
      expect([volume.dimensions, volume.spacingMm]).toEqual([
        [181, 217, 181],
        [1, 1, 1],
      ]);
      // Corners as nibabel gives them for the NIfTI: x −90…90, y −125…91, z −71…109 in RAS.
      expect(volume.originLps).toEqual([-90, -91, -71]);
      let different = 0;
      for (let z = -71; z <= 109; z += 4) {
        for (let y = -91; y <= 125; y += 3) {
          for (let x = -90; x <= 90; x += 3) if (valueAt(volume, [x, y, z]) !== valueAt(nifti, [x, y, z])) different++;
        }
      }
      expect(different).toBe(0);
    }));

  it('is stored in display orientation: no turn is needed', () =>
    inFolder(async (folder) => {
      const { volume } = await open('colin27-t1-dicom.zip', folder);
      expect(displayTurn(volume)).toEqual({
        plane: 'axial',
        transposed: false,
        flippedColumns: false,
        flippedRows: false,
      });
      const slice = extractSlice(volume, 90);
      expect([slice.width, slice.height]).toEqual([181, 217]);
    }));

  it.skipIf(!hasDciodvfy)(titleWith('passes dciodvfy without an error', hasDciodvfy, 'dciodvfy'), () =>
    inFolder(async (folder) => {
      const { one } = await open('colin27-t1-dicom.zip', folder);
      for (const file of [one.files[0], one.files[90]]) expect(dicomErrors(file?.path ?? '')).toEqual([]);
    }),
  );
});
