import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { makePyramid } from '../../../main/imaging/slide/make-pyramid.ts';
import { openSlide } from '../../../main/imaging/slide/open.ts';
import { mapFeature } from '../../../main/imaging/slide/tiling/feature-map.ts';
import { inFolder } from '../imaging/shared.ts';

const [width, height] = [640, 320];

/** Light that passes so much of two stains (Ruifrok and Johnston 2001, table 2, to two digits). */
function stained(haematoxylin: number, eosin: number): [number, number, number] {
  const [h, e] = [
    [0.65, 0.7, 0.29],
    [0.07, 0.99, 0.11],
  ];
  return [0, 1, 2].map((c) => 255 * 10 ** -(haematoxylin * (h?.[c] ?? 0) + eosin * (e?.[c] ?? 0))) as [
    number,
    number,
    number,
  ];
}

test('a heat map finds each stain where it is, and nothing where no tissue is', () =>
  inFolder(async (folder) => {
    const rgb = Buffer.alloc(width * height * 3);
    for (let i = 0; i < width * height; i++)
      rgb.set(i % width < width / 2 ? stained(0.2, 0.5) : stained(0.6, 0.1), 3 * i);
    const [picture, file] = [path.join(folder, 'picture.png'), path.join(folder, 'slide.tif')];
    await writeFile(
      picture,
      await sharp(rgb, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
    await makePyramid(picture, file, { micronsPerPixel: 0.5 });
    const slide = await openSlide(file);
    try {
      // Tissue but in the last tenth of the rows.
      const values = Uint8Array.from({ length: 64 * 32 }, (_, i) => (i < 64 * 24 ? 1 : 0));
      const mask = { width: 64, height: 32, values, saturation: 20 };
      const { signal } = new AbortController();
      const map = async (feature: 'haematoxylin' | 'eosin' | 'contrast') =>
        mapFeature(slide, mask, { feature, side: 80, signal });
      const [h, e, contrast] = [await map('haematoxylin'), await map('eosin'), await map('contrast')];
      expect([h.columns, h.rows, h.side]).toEqual([8, 4, 80]);
      expect(h.values.slice(0, 8)).toEqual([0.2, 0.2, 0.2, 0.2, 0.6, 0.6, 0.6, 0.6].map((v) => expect.closeTo(v, 1)));
      expect(e.values.slice(8, 16)).toEqual([0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1].map((v) => expect.closeTo(v, 1)));
      expect(contrast.values[0]).toBeLessThan(4);
      expect(h.values.slice(24)).toEqual(Array(8).fill(null));
    } finally {
      await slide.close();
    }
  }));
