import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openSlide } from '../../../main/imaging/slide/open.ts';
import { readRegion } from '../../../main/imaging/slide/region.ts';
import { corpora, hasCorpora, inFolder, titleWith } from '../imaging/shared.ts';
import {
  hasOpenJpeg,
  hasVips,
  openslidePython,
  randomRegions,
  readWithOpenSlide,
  vips,
  writeJpeg2000Svs,
} from './openslide.ts';

const svs = path.join(corpora, 'wsi', 'CMU-1-Small-Region.svs');
const canCompare = hasCorpora && openslidePython !== null;
const canConvert = canCompare && hasVips;

/** Ten regions a level; the largest difference of any sample and the share of samples that differ at all. */
async function compare(file: string, folder: string): Promise<{ levels: number; largest: number; differing: number }> {
  const slide = await openSlide(file);
  try {
    const regions = randomRegions(slide.levels, 10);
    const { rgb, levels } = readWithOpenSlide(file, regions, { folder });
    expect(levels).toEqual(slide.levels.map(({ width, height }) => [width, height]));
    let [at, largest, differing] = [0, 0, 0];
    for (const region of regions) {
      for (const value of (await readRegion(slide, region)).rgb) {
        const difference = Math.abs(value - (rgb[at++] ?? -1000));
        if (difference > 0) differing++;
        largest = Math.max(largest, difference);
      }
    }
    expect(at).toBe(rgb.length);
    return { levels: slide.levels.length, largest, differing: differing / at };
  } finally {
    await slide.close();
  }
}

test.skipIf(!canCompare)(
  titleWith(
    'an Aperio slide has the pixels, the facts and the pictures that OpenSlide reads',
    canCompare,
    'OpenSlide or the corpus',
  ),
  () =>
    inFolder(async (folder) => {
      expect(await compare(svs, folder)).toEqual({ levels: 1, largest: 0, differing: 0 });
      const slide = await openSlide(svs);
      const pictures = ['label', 'macro', 'thumbnail'];
      const { rgb, properties } = readWithOpenSlide(svs, [], { folder, pictures });
      const own = [];
      for (const name of pictures) own.push((await slide.readAssociated(name)).rgb);
      await slide.close();
      expect(Buffer.compare(Buffer.concat(own), rgb)).toBe(0);
      expect(String(slide.micronsPerPixel?.x)).toBe(properties['openslide.mpp-x']);
      expect(String(slide.magnification)).toBe(properties['openslide.objective-power']);
    }),
);

const pyramids: [name: string, options: string, most: number][] = [
  ['JPEG with half the chroma', 'compression=jpeg,Q=75', 2],
  ['JPEG with full chroma', 'compression=jpeg,Q=95', 2],
  ['Deflate with a predictor', 'compression=deflate,predictor=horizontal', 0],
  ['LZW', 'compression=lzw,predictor=none', 0],
  ['Zstandard', 'compression=zstd', 0],
  ['no compression, BigTIFF', 'compression=none,bigtiff', 0],
  ['WebP', 'compression=webp,Q=90', 2],
];

for (const [name, options, most] of pyramids) {
  test.skipIf(!canConvert)(
    titleWith(`a pyramid in ${name} has OpenSlide's pixels on every level`, canConvert, 'libvips'),
    () =>
      inFolder(async (folder) => {
        const file = path.join(folder, 'pyramid.tif');
        cropped(`${file}[tile,pyramid,tile-width=128,tile-height=128,${options}]`);
        const { levels, largest } = await compare(file, folder);
        expect(levels).toBe(5);
        expect(largest).toBeLessThanOrEqual(most);
      }),
  );
}

test.skipIf(!canConvert)(titleWith('reduced copies in sub-directories are levels', canConvert, 'libvips'), () =>
  inFolder(async (folder) => {
    const [plain, nested] = ['plain.tif', 'nested.tif'].map((name) => path.join(folder, name));
    cropped(`${plain}[tile,pyramid,compression=deflate]`);
    cropped(`${nested}[tile,pyramid,compression=deflate,subifd]`);
    const [one, other] = [await openSlide(plain ?? ''), await openSlide(nested ?? '')];
    expect(other.levels).toEqual(one.levels);
    for (const region of randomRegions(one.levels, 3)) {
      expect(await readRegion(other, region)).toEqual(await readRegion(one, region));
    }
    await one.close();
    await other.close();
  }),
);

const canCompress = canCompare && hasOpenJpeg;
for (const [name, compression, halved] of [
  ['RGB (33005)', 33005, false],
  ['YCbCr (33003)', 33003, false],
  ['YCbCr with half the chroma (33003)', 33003, true],
] as const) {
  test.skipIf(!canCompress)(
    titleWith(`Aperio JPEG 2000 in ${name} has OpenSlide's pixels`, canCompress, 'OpenJPEG'),
    () =>
      inFolder(async (folder) => {
        const tiles = [];
        for (let i = 0; i < 4; i++) tiles.push(await jpeg2000Tile({ folder, column: i % 2, row: i >> 1, halved }));
        const file = path.join(folder, 'slide.svs');
        writeJpeg2000Svs(file, { tiles, width: 250, height: 240, tile: 128, compression });
        // YCbCr is turned into RGB with other roundings.
        expect((await compare(file, folder)).largest).toBeLessThanOrEqual(compression === 33003 ? 1 : 0);
        const slide = await openSlide(file);
        expect([slide.format, slide.magnification, slide.micronsPerPixel]).toEqual([
          'aperio',
          40,
          { x: 0.25, y: 0.25 },
        ]);
        await slide.close();
      }),
  );
}

/**
 * Sides that every level halves exactly: where it does not, a whole pixel of a level is a fraction of one of level 0, which OpenSlide
 * answers with an interpolated picture.
 */
function cropped(to: string): void {
  vips('crop', svs, to, '500', '600', '1104', '1472');
}

/** A piece of real tissue as a codestream without colour transform; `halved` as luma and chroma at half the width. */
async function jpeg2000Tile(options: {
  folder: string;
  column: number;
  row: number;
  halved: boolean;
}): Promise<Buffer> {
  const { folder, column, row, halved } = options;
  const slide = await openSlide(svs);
  const { rgb } = await readRegion(slide, {
    level: 0,
    x: 1000 + 128 * column,
    y: 1200 + 128 * row,
    width: 128,
    height: 128,
  });
  await slide.close();
  const [input, j2k] = [path.join(folder, halved ? 'tile.yuv' : 'tile.png'), path.join(folder, 'tile.j2k')];
  if (halved) writeFileSync(input, halfChroma(rgb));
  else
    await sharp(rgb, { raw: { width: 128, height: 128, channels: 3 } })
      .png()
      .toFile(input);
  const shape = halved ? ['-F', '128,128,3,8,u@1x1:2x1:2x1'] : [];
  const { status, stdout } = spawnSync('opj_compress', ['-i', input, '-o', j2k, '-mct', '0', ...shape], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stdout);
  return readFileSync(j2k);
}

/** Planes of Y, Cb and Cr, the latter of every second pixel of a row. */
function halfChroma(rgb: Uint8Array): Buffer {
  const pixels = rgb.length / 3;
  const planes = Buffer.alloc(pixels * 2);
  for (let i = 0; i < pixels; i++) {
    const [r, g, b] = [rgb[3 * i] ?? 0, rgb[3 * i + 1] ?? 0, rgb[3 * i + 2] ?? 0];
    planes[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    if (i % 2 > 0) continue;
    planes[pixels + i / 2] = Math.round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b);
    planes[1.5 * pixels + i / 2] = Math.round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b);
  }
  return planes;
}
