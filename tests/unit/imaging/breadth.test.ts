import { cp, mkdir } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Volume } from '../../../preload/domain.ts';
import { decodeText } from '../../../main/imaging/dicom/character-set.ts';
import { findSeries } from '../../../main/imaging/find.ts';
import type { IndexedSeries } from '../../../main/imaging/find.ts';
import { loadVolume } from '../../../main/imaging/load.ts';
import { loadOverlays } from '../../../main/imaging/overlays/load.ts';
import { corpora, hasCorpora, inFolder, titleWith } from './shared.ts';

interface Expected {
  voxels: number[];
  originLps?: number[];
  spacingMm?: number[];
  directionLps?: number[];
  cornersLps?: number[][];
  samples?: number;
  unit?: string;
}

/** Made by fixtures/make-files.py with pydicom, nibabel and libjxl. */
const files = join(import.meta.dirname, 'fixtures', 'files');
const expected = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'files.json'), 'utf8')) as Record<
  string,
  Expected
> & { overlays: { labels: number[]; fraction: number[] }; structures: { pointsLps: number[] } };

async function open(...names: string[]): Promise<IndexedSeries[]> {
  const paths = names.map((name) => join(files, name));
  const { series, skipped } = await findSeries(paths, { unpackFolder: '/nowhere' });
  expect(skipped).toEqual([]);
  return series;
}

async function openOne(name: string): Promise<Volume> {
  const series = await open(name);
  expect(series.length).toBe(1);
  return loadVolume(series[0] as IndexedSeries);
}

function at(volume: Volume, i: number, j: number, k: number): number[] {
  const { originLps: o, spacingMm: s, directionLps: d } = volume;
  return [0, 1, 2].map(
    (a) => (o[a] ?? 0) + (d[a] ?? 0) * i * s[0] + (d[3 + a] ?? 0) * j * s[1] + (d[6 + a] ?? 0) * k * s[2],
  );
}

describe('DICOM of one vendor or kind', () => {
  it('a Siemens mosaic becomes its slices, where nibabel puts them', async () => {
    const volume = await openOne('mosaic');
    expect(volume.dimensions).toEqual([4, 4, 48]);
    expect([...volume.voxels]).toEqual(expected.mosaic?.voxels);
    const corners = [0, 47].flatMap((k) => [0, 3].flatMap((j) => [0, 3].map((i) => at(volume, i, j, k))));
    corners.forEach((corner, c) => {
      corner.forEach((value, axis) => expect(value).toBeCloseTo(expected.mosaic?.cornersLps?.[c]?.[axis] ?? NaN, 3));
    });
  });

  it('PET in Bq/mL is shown as SUV by body weight', async () => {
    const [series] = await open('pet');
    expect(series?.summary.unit).toBe('SUVbw');
    const volume = await loadVolume(series as IndexedSeries);
    expect(volume.unit).toBe('SUVbw');
    expected.pet?.voxels.forEach((value, i) => expect(volume.voxels[i] ?? NaN).toBeCloseTo(value, 5));
  });

  it('an incomplete b-value is a series of its own and no image is left out', async () => {
    const series = await open('diffusion');
    expect(series.map(({ summary }) => [summary.slices, summary.frames]).toSorted()).toEqual([
      [2, 1],
      [3, 1],
    ]);
    expect(series.flatMap(({ summary }) => summary.warnings)).toEqual([]);
  });

  it('JPEG XL decodes without loss', async () => {
    expect([...(await openOne('jpeg-xl.dcm')).voxels]).toEqual(expected['jpeg-xl']?.voxels);
  });

  it('frames are found by an extended offset table', async () => {
    expect([...(await openOne('extended-offsets.dcm')).voxels]).toEqual(expected['extended-offsets']?.voxels);
  });

  it('several windows with a sigmoid, a VOI LUT and padding are told', async () => {
    const volume = await openOne('voi.dcm');
    expect(volume.windows).toEqual([
      { centre: 40, width: 400, label: 'SOFT', shape: 'sigmoid' },
      { centre: -600, width: 1500, label: 'LUNG', shape: 'sigmoid' },
      { centre: 3.5, width: 3, label: 'Bone', table: { first: 2, last: 5, outputs: [0, 0.2, 0.4, 1] } },
    ]);
    expect(volume.range).toEqual({ min: 0, max: 15, p1: 0, p99: 14 });
  });

  it('names change their character set inside a value (PS3.5 annexes H and I)', () => {
    const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const japanese =
      'Yamada^Tarou=\u001b$B;3ED\u001b(B^\u001b$BB@O:\u001b(B=\u001b$B$d$^$@\u001b(B^\u001b$B$?$m$&\u001b(B';
    expect(decodeText(bytes(japanese), '\\ISO 2022 IR 87')).toBe('Yamada^Tarou=山田^太郎=やまだ^たろう');
    const korean =
      'Hong^Gildong=\u001b$)C\u00fb\u00f3^\u001b$)C\u00d1\u00ce\u00d4\u00d7=\u001b$)C\u00c8\u00ab^\u001b$)C\u00b1\u00e6\u00b5\u00bf';
    expect(decodeText(bytes(korean), '\\ISO 2022 IR 149')).toBe('Hong^Gildong=洪^吉洞=홍^길동');
  });
});

describe('what lies over a series', () => {
  async function overlaid() {
    const series = await open('overlaid');
    expect(series.map(({ summary }) => [summary.modality, summary.slices])).toEqual([['CT', 3]]);
    const { overlays, skipped } = await loadOverlays(series[0] as IndexedSeries);
    expect(skipped).toEqual([]);
    return overlays;
  }

  it('binary segmentations and label maps become label volumes on its grid', async () => {
    const labels = (await overlaid()).filter(({ overlay }) => overlay.kind === 'labels');
    expect(labels.map(({ overlay }) => overlay.title)).toEqual(['seg-binary', 'seg-labelmap']);
    for (const { overlay, volume } of labels) {
      expect([...(volume?.voxels ?? [])]).toEqual(expected.overlays.labels);
      expect(overlay.kind === 'labels' && overlay.labels.map(({ value, name }) => [value, name])).toEqual([
        [1, 'Liver'],
        [2, 'Tumour'],
      ]);
      expect(volume?.originLps).toEqual([-4, -6, 10]);
    }
  });

  it('fractions keep their values', async () => {
    const fractions = (await overlaid()).filter(({ overlay }) => overlay.kind === 'fraction');
    expect([...(fractions[0]?.volume?.voxels ?? [])]).toEqual(expected.overlays.fraction);
    expect(fractions[0]?.overlay).toMatchObject({ maximum: 200, label: { name: 'Liver' } });
  });

  it('RT structures become outlines in the patient', async () => {
    const outlines = (await overlaid()).find(({ overlay }) => overlay.kind === 'outlines')?.overlay;
    expect(outlines).toMatchObject({
      title: 'Plan',
      structures: [
        {
          number: 7,
          name: 'Heart',
          colour: [255, 0, 64],
          contours: [{ shape: 'closed', pointsLps: expected.structures.pointsLps }],
        },
      ],
    });
  });

  it('an object that is opened after its series joins it', () =>
    inFolder(async (folder) => {
      for (const name of ['images', 'later']) await mkdir(join(folder, name));
      for (const k of [0, 1, 2]) await cp(join(files, 'overlaid', `ct-${k}.dcm`), join(folder, 'images', `${k}`));
      await cp(join(files, 'overlaid', 'seg-binary.dcm'), join(folder, 'later', 'seg'));
      const first = await findSeries([join(folder, 'images')], { unpackFolder: folder });
      const second = await findSeries([join(folder, 'later')], { unpackFolder: folder, known: first.series });
      expect(second.series.map(({ summary, overlays }) => [summary.id, overlays?.length])).toEqual([
        [first.series[0]?.summary.id, 1],
      ]);
      const alone = await findSeries([join(folder, 'later')], { unpackFolder: folder });
      expect(alone.series.map(({ summary }) => summary.modality)).toEqual(['SEG']);
    }));
});

describe('NIfTI beyond plain numbers, Analyze, NRRD and MetaImage', () => {
  for (const [name, { voxels, originLps, spacingMm, directionLps, samples }] of Object.entries(
    expected as Record<string, Expected>,
  )) {
    if (!/^(nifti|raw)\//.test(name)) continue;
    it(`${name} opens with its values and place`, async () => {
      const volume = await openOne(name);
      volume.voxels.forEach((value, i) => expect(value).toBeCloseTo(voxels[i] ?? NaN, 4));
      expect(volume.voxels.length).toBe(voxels.length);
      expect(volume.samplesPerVoxel).toBe(samples ?? 1);
      if (originLps !== undefined) expect(volume.originLps.map((v) => v + 0)).toEqual(originLps);
      if (spacingMm !== undefined) expect(volume.spacingMm).toEqual(spacingMm);
      if (directionLps !== undefined) expect(volume.directionLps.map((v) => v + 0)).toEqual(directionLps);
    });
  }

  it('Analyze tells that it gives no orientation', async () => {
    const [series] = await open('nifti/analyze.hdr');
    expect(series?.summary.warnings.join()).toContain('no orientation');
    expect(series?.summary.transferSyntax).toBe('ANALYZE-7.5');
  });

  it('a folder of headers with their voxel files has nothing left over', async () => {
    expect((await open('raw')).length).toBe(5);
  });
});

describe.skipIf(!hasCorpora)(titleWith('one image in two formats', hasCorpora, 'shared/data'), () => {
  it('FLAIR.nrrd has the voxels and the place of FLAIR.nii.gz', async () => {
    const volumes = await Promise.all(
      ['FLAIR.nrrd', 'FLAIR.nii.gz'].map(async (name) => {
        const path = join(corpora, 'nifti', 'various', name);
        const { series } = await findSeries([path], { unpackFolder: '/nowhere' });
        return loadVolume(series[0] as IndexedSeries);
      }),
    );
    const [nrrd, nifti] = volumes as [Volume, Volume];
    expect(Buffer.compare(Buffer.from(nrrd.voxels.buffer), Buffer.from(nifti.voxels.buffer))).toBe(0);
    for (const corner of [
      [0, 0, 0],
      [123, 159, 139],
    ] as const) {
      at(nrrd, corner[0], corner[1], corner[2]).forEach((value, axis) =>
        expect(value).toBeCloseTo(at(nifti, corner[0], corner[1], corner[2])[axis] ?? NaN, 3),
      );
    }
  });
});
