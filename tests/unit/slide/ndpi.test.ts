import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { randomFrom } from '../../../main/evaluation/random.ts';
import { openSlide } from '../../../main/imaging/slide/open.ts';
import { readRegion } from '../../../main/imaging/slide/region.ts';
import { inFolder, titleWith } from '../imaging/shared.ts';
import { hasCjpeg, jpegWithRestarts, type NdpiImage, type Rgb, writeNdpi } from './ndpi-file.ts';
import { openslidePython, randomRegions, readWithOpenSlide } from './openslide.ts';

/** Smooth stains with grain. */
function picture(width: number, height: number): Rgb {
  const random = randomFrom(width);
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const stain = 60 * Math.sin(x / 37) * Math.cos(y / 23);
    [210 + stain / 2, 150 + stain, 190 - stain / 3].forEach((value, channel) => {
      rgb[3 * i + channel] = Math.max(0, Math.min(255, value + 12 * random()));
    });
  }
  return { width, height, rgb };
}

const whole = picture(1024, 600);
const half = picture(512, 300);
const glass = picture(160, 90);

function imagesOf(sampling: '1x1' | '2x1' | '2x2', interval: number): NdpiImage[] {
  const of = (one: Rgb, every: number): { width: number; height: number; jpeg: Buffer } => ({
    ...one,
    jpeg: jpegWithRestarts(one, { interval: every, sampling }),
  });
  return [
    { ...of(whole, interval), lens: 40 },
    { ...of(half, interval / 2), lens: 20 },
    { ...of(half, interval / 2), lens: 20, focalPlane: 2000 },
    { ...of(glass, 0), lens: -1 },
  ];
}

const canCompare = openslidePython !== null && hasCjpeg;
describe.skipIf(!canCompare)(titleWith('Hamamatsu NDPI', canCompare, 'OpenSlide or cjpeg'), () => {
  test.each([
    ['4:2:2, parts of half a row', '2x1', 32, 12],
    ['4:4:4, parts of a whole row', '1x1', 128, 12],
    ['4:2:2, beyond 4 GB', '2x1', 32, 9_000_000_123],
  ] as const)('%s: every region is as OpenSlide reads it', (_name, sampling, interval, from) =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'slide.ndpi');
      await writeNdpi(file, imagesOf(sampling, interval), from);
      const slide = await openSlide(file);
      const regions = randomRegions(slide.levels, 10);
      // OpenSlide lets libjpeg make smaller copies of each stream too.
      const { levels } = readWithOpenSlide(file, [], { folder });
      const place = slide.levels.map(({ width, height }) =>
        levels.findIndex((one) => one.join() === `${width},${height}`),
      );
      expect(slide.levels).toHaveLength(2);
      const asked = regions.map((region) => ({ ...region, level: place[region.level]! }));
      const { rgb, properties } = readWithOpenSlide(file, asked, { folder, pictures: ['macro'] });
      const own = [];
      for (const region of regions) own.push((await readRegion(slide, region)).rgb);
      own.push((await slide.readAssociated('macro')).rgb);
      const apart = new Uint8Array(Buffer.concat(own)).map((value, i) => Math.abs(value - rgb[i]!));
      expect(apart.length).toBe(rgb.length);
      expect(apart.reduce((most, one) => Math.max(most, one), 0)).toBeLessThanOrEqual(2);
      expect(slide).toMatchObject({
        format: 'hamamatsu',
        magnification: Number(properties['openslide.objective-power']),
      });
      expect(slide.micronsPerPixel?.x).toBeCloseTo(Number(properties['openslide.mpp-x']), 9);
      expect(slide.warnings).toEqual(['Only the plane in focus is shown.']);
      await slide.close();
    }),
  );

  test('4:2:0, which OpenSlide does not read: as the whole stream decodes, but for chroma where parts meet', () =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'slide.ndpi');
      const [first] = imagesOf('2x2', 32) as [NdpiImage];
      await writeNdpi(file, [first]);
      const slide = await openSlide(file);
      const { rgb } = await readRegion(slide, { level: 0, x: 0, y: 0, width: 1024, height: 600 });
      const { data } = await sharp(first.jpeg).raw().toBuffer({ resolveWithObject: true });
      expect(data.filter((value, i) => value !== rgb[i]).length / data.length).toBeLessThan(0.01);
      await slide.close();
    }));

  test('what is broken is named: places without a marker, too few of them, a stream that ends', () =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'slide.ndpi');
      const [first] = imagesOf('2x1', 32) as [NdpiImage];
      const { length } = first.jpeg;
      const readAll = async (): Promise<unknown> => {
        const slide = await openSlide(file);
        try {
          return await readRegion(slide, { level: 0, x: 0, y: 0, width: 1024, height: 600 });
        } finally {
          await slide.close();
        }
      };
      await writeNdpi(file, [first]);
      const good = await readFile(file);
      const markerAt = good.indexOf(Buffer.of(0xff, 0xd3), 1000);
      await writeFile(file, Buffer.from(good).fill(0, markerAt, markerAt + 2));
      await expect(readAll()).rejects.toMatchObject({
        tag: 'SlideInvalid',
        message: expect.stringMatching(/restart marker/),
      });
      await writeNdpi(file, [{ ...first, height: 640 }]);
      await expect(readAll()).rejects.toMatchObject({
        tag: 'SlideInvalid',
        message: expect.stringMatching(/160 restart/),
      });
      await writeNdpi(file, [{ ...first, jpeg: first.jpeg.subarray(0, length / 2) }]);
      await expect(readAll()).rejects.toMatchObject({ tag: 'SlideInvalid' });
      await writeNdpi(file, [{ ...first, lens: -2 }]);
      await expect(readAll()).rejects.toMatchObject({
        tag: 'SlideInvalid',
        message: expect.stringMatching(/in focus/),
      });
    }));

  test('without places of markers a small stream is one piece', () =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'slide.ndpi');
      const [first] = imagesOf('2x1', 32) as [NdpiImage];
      await writeNdpi(file, [{ ...first, unmarked: true }]);
      const slide = await openSlide(file);
      const { rgb } = await readRegion(slide, { level: 0, x: 0, y: 0, width: 1024, height: 600 });
      const { data } = await sharp(first.jpeg).raw().toBuffer({ resolveWithObject: true });
      expect(Buffer.compare(Buffer.from(rgb), data)).toBe(0);
      await slide.close();
    }));
});
