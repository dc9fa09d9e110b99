import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readImageSet } from '../../../main/handlers/evaluate-images.ts';
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
