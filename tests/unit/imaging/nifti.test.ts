import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSeries } from '../../../main/imaging/find.ts';
import type { IndexedSeries } from '../../../main/imaging/find.ts';
import { loadVolume } from '../../../main/imaging/load.ts';
import { inFolder, titleWith } from './shared.ts';
import { pythonWith, runPython } from './tools.ts';

const python = pythonWith('nibabel', 'numpy');

/** nibabel writes the voxels 0, 2, 4 … of a 4 × 3 × 2 (× 2) image in a format of its own, at an affine with all signs. */
const program = `
import sys, numpy as n, nibabel as b
path, kind, dtype, slope, frames = sys.argv[1:6]
shape = (4, 3, 2) + ((2,) if frames == '2' else ())
data = (n.arange(n.prod(shape)).reshape(shape, order='F') * 2).astype(dtype)
affine = n.array([[0, -2, 0, 5], [1.5, 0, 0, -7], [0, 0, 3, 11], [0, 0, 0, 1]], float)
big = kind.endswith('big')
cls = {'1': b.Nifti1Image, '2': b.Nifti2Image, 'pair': b.Nifti1Pair}[kind.replace('big', '')]
header = (b.Nifti2Header if kind.startswith('2') else b.nifti1.Nifti1PairHeader if kind.startswith('pair') else b.Nifti1Header)(endianness='>' if big else '<')
header.set_data_dtype(data.dtype)
image = cls(data, affine, header)
if float(slope) != 1:
    image = cls(data * float(slope) + 1, affine, header)
image.to_filename(path)
`;

const cases = [
  { kind: '1', type: 'uint8' },
  { kind: '1', type: 'int8' },
  { kind: '1big', type: 'int16' },
  { kind: '1', type: 'uint16' },
  { kind: '1big', type: 'int32' },
  { kind: '1', type: 'uint32' },
  { kind: '2', type: 'int64' },
  { kind: '2big', type: 'float32' },
  { kind: '1big', type: 'float64' },
  { kind: 'pair', type: 'int16' },
];

describe.skipIf(python === null)(titleWith('NIfTI files that nibabel writes', python !== null, 'nibabel'), () => {
  for (const { kind, type } of cases) {
    for (const frames of [1, 2]) {
      it(`${kind === 'pair' ? 'a pair' : `NIfTI-${kind}`} of ${type}, ${frames} time point(s), opens with its values and place`, () =>
        inFolder(async (folder) => {
          const path = join(folder, kind === 'pair' ? 'a.img' : 'a.nii');
          runPython(python ?? '', program, path, kind, type, '1', String(frames));
          const { series, skipped } = await findSeries([folder], { unpackFolder: '/nowhere' });
          expect([series.length, skipped]).toEqual([1, []]);
          const volume = await loadVolume(series[0] as IndexedSeries);
          expect([...volume.voxels]).toEqual(Array.from({ length: 24 * frames }, (_, i) => 2 * i));
          expect(volume.dimensions).toEqual([4, 3, 2 * frames]);
          expect(volume.originLps).toEqual([-5, 7, 11]);
          expect(volume.spacingMm).toEqual([1.5, 2, 3]);
          expect(volume.directionLps.map((v) => v + 0)).toEqual([0, -1, 0, 1, 0, 0, 0, 0, 1]);
        }));
    }
  }

  it('slope and intercept are applied', () =>
    inFolder(async (folder) => {
      runPython(python ?? '', program, join(folder, 'a.nii'), '1', 'int16', '0.5', '1');
      const { series } = await findSeries([folder], { unpackFolder: '/nowhere' });
      const volume = await loadVolume(series[0] as IndexedSeries);
      expect(volume.scalarType).toBe('float32');
      // nibabel chooses a slope of its own for 16 bits.
      for (const [i, value] of [1, 2, 3].entries()) expect(volume.voxels[i]).toBeCloseTo(value, 2);
    }));
});
