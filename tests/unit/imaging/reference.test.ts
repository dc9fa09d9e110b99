import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Volume } from '../../../preload/domain.ts';
import { groupSeries } from '../../../main/imaging/dicom/group-series.ts';
import { readHeader } from '../../../main/imaging/dicom/header.ts';
import { findSeries } from '../../../main/imaging/find.ts';
import { loadVolume } from '../../../main/imaging/load.ts';
import { cornersOf } from '../../corpus/corners.ts';
import { corpora, hasCorpora, inFolder, titleWith } from './shared.ts';

interface DicomReference {
  columns: number;
  rows: number;
  frames: number;
  samples: number;
  lossy: boolean;
  frameHashes: string[];
  mean: number;
  firstFrameSamples: number[];
}
interface Reference {
  dicomFiles: Record<string, DicomReference>;
  dicomSeries: Record<string, { slices: number; hash: string; cornersLps: number[][] }>;
  niftiFiles: Record<string, { dimensions: number[]; hash: string; cornersLps: number[][] }>;
}

/** Values by pydicom, DCMTK and nibabel (fixtures/make-reference.py). */
const reference = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures', 'reference.json'), 'utf8'),
) as Reference;

/** Lossy JPEG and colour conversion differ between decoders by rounding; grey levels of 8 bits. */
const lossyTolerance = 3;
const notCompared: Record<string, string> = {};

function isApproximate(path: string, { lossy }: DicomReference): boolean {
  return lossy || roundedColour.some((name) => path.endsWith(name));
}
const roundedColour: string[] = [];

describe.skipIf(!hasCorpora)(titleWith('DICOM files against pydicom and DCMTK', hasCorpora, 'shared/data'), () => {
  for (const [path, expected] of Object.entries(reference.dicomFiles)) {
    const reason = notCompared[path];
    it.skipIf(reason !== undefined)(reason === undefined ? path : `${path} (skipped: ${reason})`, async () => {
      const series = groupSeries([await readHeader(join(corpora, path))]);
      const volumes = await Promise.all(series.map((one) => loadVolume(one)));
      const frames = volumes.flatMap(framesOf);
      expect([volumes[0]?.dimensions[0], volumes[0]?.dimensions[1]]).toEqual([expected.columns, expected.rows]);
      expect(volumes[0]?.samplesPerVoxel).toBe(expected.samples);
      expect(frames.length).toBe(expected.frames);
      if (!isApproximate(path, expected)) {
        expect(frames.map(digest).toSorted()).toEqual(expected.frameHashes);
        return;
      }
      const first = frames[0] ?? new Float32Array(0);
      const differences = expected.firstFrameSamples.map((value, i) =>
        Math.abs(value - (first[(i * 2654435761) % first.length] ?? NaN)),
      );
      expect(Math.max(...differences)).toBeLessThanOrEqual(lossyTolerance);
    });
  }
});

describe.skipIf(!hasCorpora)(titleWith('DICOM series against pydicom', hasCorpora, 'shared/data'), () => {
  for (const [path, expected] of Object.entries(reference.dicomSeries)) {
    it(`${path} is one volume in the order of its positions`, async () => {
      await inFolder(async (unpackFolder) => {
        const { series } = await findSeries([join(corpora, path)], { unpackFolder });
        expect(series.length).toBe(1);
        const [one] = series;
        if (one === undefined) return;
        const volume = await loadVolume(one);
        expect(volume.dimensions[2]).toBe(expected.slices);
        expect(digest(Float32Array.from(volume.voxels))).toBe(expected.hash);
        expect(distances(cornersOf(volume, expected.slices).flat(), expected.cornersLps)).toBeLessThan(1e-3);
      });
    });
  }
});

describe.skipIf(!hasCorpora)(titleWith('NIfTI files against nibabel', hasCorpora, 'shared/data'), () => {
  for (const [path, expected] of Object.entries(reference.niftiFiles)) {
    it(`${path} keeps voxels and corners`, async () => {
      const { series } = await findSeries([join(corpora, path)], { unpackFolder: '/nowhere' });
      const [one] = series;
      expect(one).toBeDefined();
      if (one === undefined) return;
      const volume = await loadVolume(one);
      expect(volume.dimensions).toEqual(expected.dimensions);
      expect(digest(Float32Array.from(volume.voxels))).toBe(expected.hash);
      expect(distances(cornersOf(volume, one.summary.slices).flat(), expected.cornersLps)).toBeLessThan(1e-3);
    });
  }
});

function framesOf(volume: Volume): Float32Array[] {
  const [columns, rows, frames] = volume.dimensions;
  const size = columns * rows * volume.samplesPerVoxel;
  return Array.from({ length: frames }, (_, k) => Float32Array.from(volume.voxels.subarray(k * size, (k + 1) * size)));
}

function digest(values: Float32Array): string {
  return createHash('sha256').update(values).digest('hex').slice(0, 32);
}

function distances(one: number[][], other: number[][]): number {
  return Math.max(
    ...one.map((corner, i) => Math.hypot(...corner.map((value, axis) => value - (other[i]?.[axis] ?? NaN)))),
  );
}
