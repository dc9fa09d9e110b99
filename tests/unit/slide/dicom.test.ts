import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { VerisimError } from '../../../preload/errors.ts';
import { openSlide } from '../../../main/imaging/slide/open.ts';
import { readRegion } from '../../../main/imaging/slide/region.ts';
import type { Slide } from '../../../main/imaging/slide/slide.ts';
import { inFolder, titleWith } from '../imaging/shared.ts';
import { pythonWith, runPython } from '../imaging/tools.ts';

const python = pythonWith('pydicom');
const has = python !== null;
const tile = 32;

/** A picture in which every pixel tells where it lies. */
function picture(width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++)
    rgb.set([(i % width) * 2, Math.floor(i / width) * 2, ((i % width) ^ Math.floor(i / width)) & 255], 3 * i);
  return rgb;
}

function cut(
  rgb: Uint8Array,
  { width, height, x, y }: { width: number; height: number; x: number; y: number },
): Buffer {
  const out = Buffer.alloc(tile * tile * 3);
  for (let line = 0; line < tile && y + line < height; line++) {
    const at = ((y + line) * width + x) * 3;
    out.set(rgb.subarray(at, at + Math.min(tile, width - x) * 3), line * tile * 3);
  }
  return out;
}

/** Written by pydicom, as another party's reading of the standard. */
const writer = `
import json, sys, pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import generate_uid
for plan in json.load(open(sys.argv[1])):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = '1.2.840.10008.5.1.4.1.1.77.1.6'
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = plan['syntax']
    ds = FileDataset(plan['file'], {}, file_meta=meta, preamble=b'\\0' * 128)
    ds.is_little_endian, ds.is_implicit_VR = True, False
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.SeriesInstanceUID, ds.StudyInstanceUID, ds.Modality = '1.2.3.4', '1.2.3', 'SM'
    ds.ImageType = ['ORIGINAL', 'PRIMARY', plan['flavour'], 'NONE']
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PlanarConfiguration = plan['tile'], plan['tile'], 3, 0
    ds.PhotometricInterpretation = plan['photometric']
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.TotalPixelMatrixColumns, ds.TotalPixelMatrixRows = plan['width'], plan['height']
    ds.DimensionOrganizationType = plan['organisation']
    ds.NumberOfFrames = len(plan['frames'])
    measures = Dataset()
    measures.PixelSpacing = [plan['spacing'], plan['spacing']]
    shared = Dataset()
    shared.PixelMeasuresSequence = [measures]
    ds.SharedFunctionalGroupsSequence = [shared]
    optics = Dataset()
    optics.ObjectiveLensPower = 20
    ds.OpticalPathSequence = [optics]
    if plan.get('places'):
        groups = []
        for x, y in plan['places']:
            place, item = Dataset(), Dataset()
            place.ColumnPositionInTotalImagePixelMatrix, place.RowPositionInTotalImagePixelMatrix = x + 1, y + 1
            item.PlanePositionSlideSequence = [place]
            groups.append(item)
        ds.PerFrameFunctionalGroupsSequence = groups
    if plan.get('offset') is not None:
        ds.ConcatenationUID, ds.ConcatenationFrameOffsetNumber = '1.2.9', plan['offset']
    frames = [open(name, 'rb').read() for name in plan['frames']]
    ds.PixelData = encapsulate(frames, has_bot=plan.get('table', True)) if plan['syntax'] != '1.2.840.10008.1.2.1' else b''.join(frames)
    if plan['syntax'] != '1.2.840.10008.1.2.1': ds['PixelData'].is_undefined_length = True
    ds.save_as(plan['file'])
`;

interface Plan {
  name: string;
  width: number;
  height: number;
  organisation: 'TILED_FULL' | 'TILED_SPARSE';
  syntax: 'native' | 'jpeg';
  flavour?: string;
  /** Of the tiles, row after row; all by default. */
  keep?: (index: number) => boolean;
  offset?: number;
  table?: boolean;
  spacing?: number;
}

async function writeSlide(folder: string, plans: Plan[]): Promise<void> {
  const files = [];
  for (const {
    name,
    width,
    height,
    organisation,
    syntax,
    flavour = 'VOLUME',
    keep,
    offset,
    table = true,
    spacing = 0.0005,
  } of plans) {
    const rgb = picture(width, height);
    const frames: string[] = [];
    const places: [number, number][] = [];
    const across = Math.ceil(width / tile);
    for (let i = 0; i < across * Math.ceil(height / tile); i++) {
      if (keep?.(i) === false) continue;
      const [x, y] = [(i % across) * tile, Math.floor(i / across) * tile];
      const raw = cut(rgb, { width, height, x, y });
      const jpeg = () =>
        sharp(raw, { raw: { width: tile, height: tile, channels: 3 } }).jpeg({
          quality: 100,
          chromaSubsampling: '4:4:4',
        });
      const file = path.join(folder, `${name}-${i}.frame`);
      writeFileSync(file, syntax === 'native' ? raw : await jpeg().toBuffer());
      frames.push(file);
      places.push([x, y]);
    }
    files.push({
      file: path.join(folder, name),
      syntax: syntax === 'native' ? '1.2.840.10008.1.2.1' : '1.2.840.10008.1.2.4.50',
      photometric: syntax === 'native' ? 'RGB' : 'YBR_FULL_422',
      places: organisation === 'TILED_SPARSE' ? places : [],
      ...{ flavour, tile, width, height, organisation, frames, offset, table, spacing },
    });
  }
  const manifest = path.join(folder, 'plan.json');
  writeFileSync(manifest, JSON.stringify(files));
  runPython(python ?? '', writer, manifest);
}

async function withSlide<Result>(plans: Plan[], file: string, use: (slide: Slide) => Promise<Result>): Promise<Result> {
  return inFolder(async (folder) => {
    await writeSlide(folder, plans);
    const slide = await openSlide(path.join(folder, file));
    try {
      return await use(slide);
    } finally {
      await slide.close();
    }
  });
}

const whole = async (slide: Slide, level: number): Promise<Uint8Array> => {
  const { width = 0, height = 0 } = slide.levels[level] ?? {};
  return Uint8Array.from((await readRegion(slide, { level, x: 0, y: 0, width, height })).rgb);
};

test.skipIf(!has)(
  titleWith(
    'full tiles of several levels and the pictures beside them are one slide, from any of its files',
    has,
    'pydicom',
  ),
  () =>
    withSlide(
      [
        { name: 'a', width: 100, height: 70, organisation: 'TILED_FULL', syntax: 'native' },
        { name: 'b', width: 50, height: 35, organisation: 'TILED_FULL', syntax: 'native', spacing: 0.001 },
        { name: 'c', width: 40, height: 20, organisation: 'TILED_FULL', syntax: 'native', flavour: 'LABEL' },
      ],
      'b',
      async (slide) => {
        expect(slide.levels.map(({ width, height, downsample }) => [width, height, downsample])).toEqual([
          [100, 70, 1],
          [50, 35, 2],
        ]);
        expect([slide.format, slide.micronsPerPixel, slide.magnification]).toEqual([
          'dicom-wsm',
          { x: 0.5, y: 0.5 },
          20,
        ]);
        expect(slide.associated).toEqual([{ name: 'label', width: 40, height: 20 }]);
        expect(await whole(slide, 0)).toEqual(picture(100, 70));
        expect(await whole(slide, 1)).toEqual(picture(50, 35));
        expect((await slide.readAssociated('label')).rgb).toEqual(picture(40, 20));
      },
    ),
);

test.skipIf(!has)(
  titleWith(
    'where a sparse slide has no tile it is white, and the others lie where their positions say',
    has,
    'pydicom',
  ),
  () =>
    withSlide(
      [
        {
          name: 'a',
          width: 100,
          height: 70,
          organisation: 'TILED_SPARSE',
          syntax: 'native',
          keep: (i) => i !== 5 && i !== 0,
        },
      ],
      'a',
      async (slide) => {
        const expected = picture(100, 70);
        for (const [x0, y0] of [
          [0, 0],
          [32, 32],
        ] as const) {
          for (let y = y0; y < y0 + 32; y++) expected.fill(255, (y * 100 + x0) * 3, (y * 100 + x0 + 32) * 3);
        }
        expect(await whole(slide, 0)).toEqual(expected);
      },
    ),
);

test.skipIf(!has)(titleWith('the parts of a concatenation are one level', has, 'pydicom'), () =>
  withSlide(
    [
      {
        name: 'a',
        width: 100,
        height: 70,
        organisation: 'TILED_FULL',
        syntax: 'native',
        keep: (i) => i < 7,
        offset: 0,
      },
      {
        name: 'b',
        width: 100,
        height: 70,
        organisation: 'TILED_FULL',
        syntax: 'native',
        keep: (i) => i >= 7,
        offset: 7,
      },
    ],
    'a',
    async (slide) => expect(await whole(slide, 0)).toEqual(picture(100, 70)),
  ),
);

for (const table of [true, false]) {
  test.skipIf(!has)(
    titleWith(
      `JPEG frames ${table ? 'with' : 'without'} an offset table are found and in the right colours`,
      has,
      'pydicom',
    ),
    () =>
      withSlide(
        [{ name: 'a', width: 96, height: 64, organisation: 'TILED_FULL', syntax: 'jpeg', table }],
        'a',
        async (slide) => {
          const expected = picture(96, 64);
          const own = await whole(slide, 0);
          const mean = own.reduce((sum, value, i) => sum + Math.abs(value - (expected[i] ?? 0)), 0) / own.length;
          expect(mean).toBeLessThan(1.5);
        },
      ),
  );
}

test.skipIf(!has)(titleWith('a DICOM slide that is cut off gives a tagged error', has, 'pydicom'), () =>
  inFolder(async (folder) => {
    await writeSlide(folder, [{ name: 'a', width: 96, height: 64, organisation: 'TILED_FULL', syntax: 'jpeg' }]);
    const file = path.join(folder, 'a');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 3000));
    const attempt = openSlide(file).then((slide) => whole(slide, 0).finally(() => slide.close()));
    await expect(attempt).rejects.toBeInstanceOf(VerisimError);
  }),
);
