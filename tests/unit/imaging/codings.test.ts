import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { frameReader } from '../../../main/imaging/dicom/frame-bytes.ts';
import { readPixelFormat } from '../../../main/imaging/dicom/header.ts';
import { parseWhole } from '../../../main/imaging/dicom/read-head.ts';
import { readSomeFrames } from '../../../main/imaging/dicom/sparse-read.ts';
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

  it('one frame of many is read without the others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'verisim-sparse-'));
    try {
      const path = join(folder, 'frames.dcm');
      const { bytes, start } = enlarged(readFileSync(join(fixtures, 'codings', 'spect.dcm')), 256);
      await writeFile(path, bytes);
      const frameBytes = 256 * 256 * 2;
      const read = readSomeFrames(path, [2]) ?? new Uint8Array(0);
      expect(read.length).toBe(bytes.length);
      expect(Buffer.compare(read.subarray(0, start), bytes.subarray(0, start))).toBe(0);
      const frame = (of: Uint8Array, at: number) => of.subarray(start + at * frameBytes, start + (at + 1) * frameBytes);
      expect(Buffer.compare(frame(read, 2), frame(bytes, 2))).toBe(0);
      expect(Buffer.compare(frame(read, 3), frame(bytes, 3))).not.toBe(0);
      expect(readSomeFrames(join(fixtures, 'codings', 'jpeg-xl-fragments.dcm'), [1])).toBeNull();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ['one fragment', 1],
    ['several fragments and an offset table', 3],
  ])('one frame of many in fragments is read without the others: %s a frame', async (_, pieces) => {
    const folder = await mkdtemp(join(tmpdir(), 'verisim-sparse-'));
    try {
      const path = join(folder, 'fragments.dcm');
      const { bytes, start } = enlarged(readFileSync(join(fixtures, 'codings', 'spect.dcm')), 256);
      const frameBytes = 256 * 256 * 2;
      const file = encapsulated(bytes, { start, frameBytes, pieces });
      await writeFile(path, file);
      const read = readSomeFrames(path, [2]) ?? new Uint8Array(0);
      expect(read.length).toBe(file.length);
      const framesIn = (of: Uint8Array): ((frame: number) => Uint8Array) => {
        const parsed = parseWhole(of, path);
        return frameReader(parsed, readPixelFormat(parsed, path, 'nothing'), path);
      };
      const frameOf = framesIn(read);
      expect(Buffer.compare(frameOf(2), bytes.subarray(start + 2 * frameBytes, start + 3 * frameBytes))).toBe(0);
      expect(Buffer.compare(frameOf(1), framesIn(file)(1))).not.toBe(0);
      await writeFile(path, file.subarray(0, file.length - frameBytes / 2));
      expect(readSomeFrames(path, [2])).toBeNull();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** The same frames as encapsulated uncompressed pixel data (PS3.5 A.4.11), each in as many fragments. */
function encapsulated(
  file: Buffer,
  { start, frameBytes, pieces }: { start: number; frameBytes: number; pieces: number },
): Buffer {
  const item = (bytes: Uint8Array): Buffer => {
    const head = Buffer.from('feff00e000000000', 'hex');
    head.writeUInt32LE(bytes.length, 4);
    return Buffer.concat([head, bytes]);
  };
  const frames = Array.from({ length: 4 }, (_, frame) =>
    file.subarray(start + frame * frameBytes).subarray(0, frameBytes),
  );
  const pieceBytes = 2 * Math.ceil(frameBytes / pieces / 2);
  const coded = frames.map((frame) =>
    Buffer.concat(
      Array.from({ length: pieces }, (_, at) => item(frame.subarray(at * pieceBytes, (at + 1) * pieceBytes))),
    ),
  );
  const table = Buffer.alloc(pieces === 1 ? 0 : 16);
  if (pieces > 1) coded.forEach((_, frame) => table.writeUInt32LE(frame * (coded[0]?.length ?? 0), 4 * frame));
  const syntaxAt = file.indexOf(Buffer.from('0200100055491400', 'hex'));
  const syntax = Buffer.from('020010005549160031' + Buffer.from('.2.840.10008.1.2.1.98').toString('hex'), 'hex');
  const header = [file.subarray(0, syntaxAt), syntax, file.subarray(syntaxAt + 8 + 20, start - 4)];
  return Buffer.concat([
    ...header,
    Buffer.alloc(4, 0xff),
    item(table),
    ...coded,
    Buffer.from('feffdde000000000', 'hex'),
  ]);
}

/** The four frames of a file made square and large, with a value of its own at every pixel. */
function enlarged(file: Buffer, size: number): { bytes: Buffer; start: number } {
  const tagAt = (tag: string) => file.indexOf(Buffer.from(tag, 'hex'));
  const start = tagAt('e07f10004f57') + 12;
  const pixels = Buffer.alloc(4 * size * size * 2);
  for (let at = 0; at < pixels.length; at += 2) pixels.writeUInt16LE((at * 7 + 1) % 65_521, at);
  const bytes = Buffer.concat([file.subarray(0, start), pixels]);
  bytes.writeUInt16LE(size, tagAt('280010005553') + 8);
  bytes.writeUInt16LE(size, tagAt('280011005553') + 8);
  bytes.writeUInt32LE(pixels.length, start - 4);
  return { bytes, start };
}
