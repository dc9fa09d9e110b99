import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { defaultTiling } from '../../../preload/slides.ts';
import { readImageSet } from '../../../main/handlers/evaluate-images.ts';
import { claimFolder } from '../../../main/imaging/slide/tiling/records.ts';
import { inFolder } from '../imaging/shared.ts';

test('patches of a slide are a set of images that the tissue mask beside them is no part of', () =>
  inFolder(async (folder) => {
    const pixels = Buffer.from(Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7) % 256));
    const png = await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
      .png()
      .toBuffer();
    const names = ['a (d=1,x=0,y=0,w=32,h=32).png', 'a (d=1,x=32,y=0,w=32,h=32).png'];
    for (const name of [...names, 'mask.png']) await writeFile(path.join(folder, name), png);
    const read = async (): Promise<string[]> => {
      const source = { folders: [folder], files: [], series: [] };
      const options = { grid: { width: 32, height: 32 }, onImage: () => undefined };
      return (await readImageSet(source, options)).images.map(({ name }) => name);
    };
    expect(await read()).toEqual([...names, 'mask.png']);
    await writeFile(path.join(folder, 'tiling.json'), '{}');
    expect(await read()).toEqual(names);
  }));

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
