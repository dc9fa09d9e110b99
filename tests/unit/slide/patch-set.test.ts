import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { defaultTiling } from '../../../preload/slides.ts';
import { findExtractor } from '../../../main/engine/extractor-packs.ts';
import { randomFrom } from '../../../main/evaluation/random.ts';
import { openFeatureSource } from '../../../main/handlers/evaluate-features.ts';
import { type ImageFolder, readImageSet } from '../../../main/handlers/evaluate-images.ts';
import { warningsOf } from '../../../main/handlers/evaluate-warnings.ts';
import { mirrored, type SetGrid } from '../../../main/handlers/set-image.ts';
import { syntheticXmp } from '../../../main/imaging/slide/synthetic-xmp.ts';
import { claimFolder } from '../../../main/imaging/slide/tiling/records.ts';
import { inFolder } from '../imaging/shared.ts';

const side = 32;
const grid: SetGrid = { width: side, height: side, channels: 3 };

const patchOf = (seed: number): Sharp => {
  const random = randomFrom(seed);
  const rgb = Buffer.from(Array.from({ length: side * side * 3 }, () => Math.floor(random() * 256)));
  return sharp(rgb, { raw: { width: side, height: side, channels: 3 } });
};

async function tiled(folder: string, slide: string, seeds: number[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const seed of seeds)
    await patchOf(seed)
      .png()
      .toFile(path.join(folder, `${slide} (x=${seed}).png`));
  await patchOf(99).png().toFile(path.join(folder, 'mask.png'));
  await writeFile(path.join(folder, 'tiling.json'), JSON.stringify({ slide: { name: slide } }));
  for (const table of ['tiles.csv', 'tiles.geojson', `${slide}.h5`]) await writeFile(path.join(folder, table), 'x');
}

const read = (folder: string, on = grid): Promise<ImageFolder> =>
  readImageSet({ folders: [folder], files: [], series: [] }, { grid: on, onImage: () => undefined });

test('patches of slides are a set: neither mask nor tables are of it, and the slide is their patient, not their class', () =>
  inFolder(async (folder) => {
    await tiled(path.join(folder, 'one'), 'slide-1', [1, 2]);
    await tiled(path.join(folder, 'two'), 'slide-2', [3]);
    const { images, skipped } = await read(folder);
    expect(skipped).toEqual([]);
    expect(images.map(({ patient, label }) => [patient, label])).toEqual([
      ['slide-1', ''],
      ['slide-1', ''],
      ['slide-2', ''],
    ]);
  }));

test('patches of a single slide stand for themselves, which is said', () =>
  inFolder(async (folder) => {
    await tiled(folder, 'slide-1', [1, 2]);
    const { images } = await read(folder);
    expect(images.map(({ name, patient }) => [name, patient])).toEqual([
      ['slide-1 (x=1).png', ''],
      ['slide-1 (x=2).png', ''],
    ]);
    expect(warningsOf(images, images, grid).join(' ')).toMatch(/All real patches are of one slide, slide-1/);
  }));

test('a mask.png where no slide was cut is an image like others', () =>
  inFolder(async (folder) => {
    await patchOf(1).png().toFile(path.join(folder, 'mask.png'));
    expect((await read(folder)).images.map(({ name }) => name)).toEqual(['mask.png']);
  }));

test('pictures of every kind are read as they look, with their mark; a broken one is left out with its reason', () =>
  inFolder(async (folder) => {
    await patchOf(1).png().toFile(path.join(folder, 'a.png'));
    await patchOf(1).tiff({ compression: 'lzw' }).toFile(path.join(folder, 'b.tif'));
    await patchOf(1).webp({ lossless: true }).toFile(path.join(folder, 'c.webp'));
    await patchOf(1)
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withXmp(syntheticXmp)
      .toFile(path.join(folder, 'd.jpg'));
    await patchOf(1).toColourspace('b-w').jpeg().toFile(path.join(folder, 'e.jpg'));
    await writeFile(path.join(folder, 'f.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8]));
    const { images, skipped } = await read(folder);
    const [png, tiff, webp, jpeg, grey] = images;
    expect(images.map(({ name, isColour, synthetic }) => [name, isColour, synthetic])).toEqual([
      ['a.png', true, false],
      ['b.tif', true, false],
      ['c.webp', true, false],
      ['d.jpg', true, true],
      ['e.jpg', false, false],
    ]);
    expect([tiff!.colour, webp!.colour]).toEqual([png!.colour, png!.colour]);
    const apart = jpeg!.colour!.map((value, i) => Math.abs(value - png!.colour![i]!));
    expect(apart.reduce((sum, one) => sum + one, 0) / apart.length).toBeLessThan(2);
    expect(grey!.colour).toBeNull();
    expect(skipped.map(({ path: file, error }) => [path.basename(file), error.tag])).toEqual([
      ['f.jpg', 'UnsupportedPixelData'],
    ]);
    expect(warningsOf(images, images.slice(0, 1), grid).join(' ')).toMatch(/1 real and 0 synthetic images are grey/);
    const onGrey = await read(folder, { ...grid, channels: 1 });
    expect(onGrey.images.every(({ colour }) => colour === null)).toBe(true);
  }));

test('features of an extractor for colour tell a stain apart that has the same brightness', () =>
  inFolder(async (folder) => {
    const sizes = { width: 128, height: 128 };
    const random = randomFrom(4);
    const brightness = Array.from({ length: 128 * 128 }, () => 120 + Math.floor(random() * 40));
    for (const [name, red, green] of [
      ['pink.png', 60, -30.66],
      ['blue.png', -60, 30.66],
    ] as const) {
      // 0.299 R + 0.587 G + 0.114 B stays as it was.
      const rgb = Buffer.from(brightness.flatMap((value) => [value + red, Math.round(value + green), value]));
      await sharp(rgb, { raw: { ...sizes, channels: 3 } })
        .png()
        .toFile(path.join(folder, name));
    }
    const { images } = await read(folder, { ...sizes, channels: 3 });
    const brighter = images[0]!.pixels.map((value, i) => Math.abs(value - images[1]!.pixels[i]!));
    expect(Math.max(...brighter)).toBeLessThan(0.006);
    const source = await openFeatureSource(await findExtractor(['models'], 'extractor-histology-128'), null);
    const apart = async (set: Parameters<typeof source.of>[0]): Promise<number> => {
      const { values, dimension } = await source.of(set, () => undefined);
      return Math.hypot(...Array.from({ length: dimension }, (_, k) => values[k]! - values[dimension + k]!));
    };
    const inGrey = images.map(({ pixels, sha256 }) => ({ pixels, sha256: `${sha256} grey`, colour: null }));
    expect(await apart(images)).toBeGreaterThan(20 * (await apart(inGrey)));
    await source.release();
  }));

test('a mirror turns every plane', () => {
  const pixels = Float32Array.of(0, 0.5, 1, 0.25);
  const turned = mirrored({ pixels, colour: Uint8Array.from({ length: 12 }, (_, i) => i) }, 2);
  expect([...turned.pixels]).toEqual([0.5, 0, 0.25, 1]);
  expect([...turned.colour!]).toEqual([1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10]);
});

test('a folder says what its patches are, and one of an earlier version, which did not, is gone on with', () =>
  inFolder(async (folder) => {
    const file = path.join(folder, 'tiling.json');
    const job = { slide: { name: 'a', width: 100, height: 90, bytes: 7 }, settings: defaultTiling };
    const patches = { micronsPerPixel: 0.25, synthetic: false };
    await claimFolder(folder, job, patches);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ ...job, patches });
    await claimFolder(folder, job, patches);
    const other = { ...job, settings: { ...defaultTiling, size: 100 } };
    await expect(claimFolder(folder, other, patches)).rejects.toMatchObject({ tag: 'InvalidInput' });
    await writeFile(file, JSON.stringify(job));
    await claimFolder(folder, job, patches);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(job);
  }));
