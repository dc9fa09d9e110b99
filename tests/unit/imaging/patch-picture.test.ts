import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readPatch } from '../../../main/imaging/patches/patch-picture.ts';
import { syntheticXmp } from '../../../main/imaging/slide/synthetic-xmp.ts';
import { inFolder } from './shared.ts';

const size = { width: 12, height: 10 };
const rgb = Buffer.from(Array.from({ length: 3 * 12 * 10 }, (_, i) => [220, 90, 160][i % 3]!));
const picture = () => sharp(rgb, { raw: { ...size, channels: 3 } });

it('reads PNG, JPEG and TIFF patches in colour', () =>
  inFolder(async (folder) => {
    const files = { 'a.png': picture().png(), 'b.jpg': picture().jpeg({ quality: 95 }), 'c.tif': picture().tiff() };
    for (const [name, image] of Object.entries(files)) {
      const file = join(folder, name);
      await image.toFile(file);
      const read = await readPatch(file);
      expect(read).toMatchObject({ kind: 'colour', ...size, synthetic: false });
      if (read.kind === 'colour')
        expect(read.rgb.every((value, i) => Math.abs(value - [220, 90, 160][i % 3]!) <= 3)).toBe(true);
    }
  }));

it('keeps the depth of a grey picture, and puts what is transparent on white', () =>
  inFolder(async (folder) => {
    const ramp = Uint16Array.from({ length: 120 }, (_, i) => i * 500);
    const grey = join(folder, 'grey.png');
    await sharp(ramp, { raw: { ...size, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toFile(grey);
    const read = await readPatch(grey);
    expect(read.kind).toBe('grey');
    if (read.kind === 'grey') expect(new Set(read.grey).size).toBe(120);
    const clear = join(folder, 'clear.png');
    await sharp({ create: { ...size, channels: 4, background: { r: 9, g: 9, b: 200, alpha: 0 } } })
      .png()
      .toFile(clear);
    const seen = await readPatch(clear);
    if (seen.kind === 'colour') expect(seen.rgb.every((value) => value === 255)).toBe(true);
    expect(seen.kind).toBe('colour');
  }));

it('sees the mark of what is synthetic, and says which file is damaged', () =>
  inFolder(async (folder) => {
    const withMark = picture().withXmp(syntheticXmp);
    const files = {
      'm.jpg': withMark.clone().jpeg(),
      'm.png': withMark.clone().png(),
      'm.tif': withMark.clone().tiff(),
    };
    for (const [name, image] of Object.entries(files)) {
      await image.toFile(join(folder, name));
      expect([name, (await readPatch(join(folder, name))).synthetic]).toEqual([name, true]);
    }
    const broken = join(folder, 'broken.png');
    await writeFile(broken, 'no picture');
    await expect(readPatch(broken)).rejects.toMatchObject({ tag: 'UnsupportedPixelData' });
    await expect(readPatch(join(folder, 'absent.png'))).rejects.toMatchObject({ tag: 'FileNotReadable' });
  }));
