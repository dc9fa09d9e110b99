import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSeries } from '../../../main/imaging/find.ts';
import type { IndexedSeries } from '../../../main/imaging/find.ts';
import { loadVolume } from '../../../main/imaging/load.ts';
import { cornersOf } from '../../corpus/corners.ts';

/** Made by fixtures/make-codings.py; the values are those that went in, the corners are nibabel's. */
interface Expected {
  values: number[];
  tolerance: number;
  cornersLps?: number[][];
}
const fixtures = join(import.meta.dirname, 'fixtures');
const expected = JSON.parse(readFileSync(join(fixtures, 'codings.json'), 'utf8')) as Record<string, Expected>;

async function open(name: string): Promise<IndexedSeries> {
  const { series, skipped } = await findSeries([join(fixtures, 'codings', name)], { unpackFolder: '/nowhere' });
  expect(skipped).toEqual([]);
  expect(series.length).toBe(1);
  return series[0] as IndexedSeries;
}

describe('a valid file of a rare coding', () => {
  it.each(Object.entries(expected))('%s opens with its values', async (name, { values, tolerance }) => {
    const { voxels } = await loadVolume(await open(name));
    expect(voxels.length).toBe(values.length);
    const farthest = Math.max(...values.map((value, i) => Math.abs(value - (voxels[i] ?? NaN))));
    expect(farthest).toBeLessThanOrEqual(tolerance);
  });

  it('a NIfTI without orientation lies where nibabel puts it', async () => {
    const series = await open('nifti-unplaced.nii');
    const corners = cornersOf(await loadVolume(series), series.summary.slices).flat();
    const wanted = expected['nifti-unplaced.nii']?.cornersLps ?? [];
    expect(wanted.length).toBe(8);
    corners.forEach((corner, i) => corner.forEach((value, a) => expect(value).toBeCloseTo(wanted[i]?.[a] ?? NaN, 5)));
  });

  it('SPECT slices step against the normal where their spacing is negative', async () => {
    const { summary } = await open('spect.dcm');
    expect([summary.slices, summary.frames]).toEqual([4, 1]);
    expect(summary.originLps).toEqual([-20, -10, 85]);
    expect(summary.spacingMm).toEqual([3, 4, 5]);
    expect(summary.directionLps.slice(6)).toEqual([0, 0, 1]);
  });

  it('the .img of a pair opens the pair, once', async () => {
    const paths = ['pair.img', 'pair.hdr'].map((name) => join(fixtures, 'codings', name));
    const { series } = await findSeries(paths, { unpackFolder: '/nowhere' });
    expect(series.map(({ files }) => basename(files[0]?.path ?? ''))).toEqual(['pair.hdr']);
  });
});
