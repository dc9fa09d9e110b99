import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { VerisimError } from '../../../preload/errors.ts';
import { openSlide } from '../../../main/imaging/slide/open.ts';
import { corpora, hasCorpora, inFolder, titleWith } from '../imaging/shared.ts';
import { tiffBytes, tiledFields, type TiffPlan } from './tiff-bytes.ts';

const pixels = Buffer.alloc(768, 200);
const whole: TiffPlan = { directories: [{ fields: tiledFields() }], data: pixels };

/** Opens the file and reads its first tile. */
async function tryRead(bytes: Buffer): Promise<VerisimError | Uint8Array> {
  return inFolder(async (folder) => {
    const file = path.join(folder, 'slide.tif');
    await writeFile(file, bytes);
    try {
      const slide = await openSlide(file);
      try {
        return await slide.readTile(0, 0, 0);
      } finally {
        await slide.close();
      }
    } catch (error) {
      if (error instanceof VerisimError) return error;
      throw error;
    }
  });
}

/** The error, with bounds on time and memory that a file of some hundred bytes must keep. */
async function fails(plan: TiffPlan | Buffer): Promise<VerisimError> {
  const [memory, started] = [process.memoryUsage().rss, performance.now()];
  const result = await tryRead(Buffer.isBuffer(plan) ? plan : tiffBytes(plan));
  expect(performance.now() - started).toBeLessThan(3_000);
  expect(process.memoryUsage().rss - memory).toBeLessThan(150 * 2 ** 20);
  if (result instanceof VerisimError) return result;
  throw new Error('The slide was read.');
}

test('the small slide that the others are broken copies of is read', async () => {
  expect(await tryRead(tiffBytes(whole))).toEqual(Buffer.alloc(768, 200));
});

test('directories that run in a circle end with SlideInvalid', async () => {
  const circle = { directories: [{ fields: tiledFields(), next: 8 + 768 }], data: pixels };
  expect(await fails(circle)).toMatchObject({
    tag: 'SlideInvalid',
    details: { found: 'directories that run in a circle' },
  });
});

test('a chain that leaves the file ends with SlideInvalid', async () => {
  expect((await fails({ ...whole, directories: [{ fields: tiledFields(), next: 4_000_000_000 }] })).tag).toBe(
    'SlideInvalid',
  );
});

test('a tile outside the file ends with SlideInvalid, which says where it should be', async () => {
  const fields = tiledFields({ 324: [324, 4, [3_000_000_000]] });
  const error = await fails({ directories: [{ fields }], data: pixels });
  expect(error.tag).toBe('SlideInvalid');
  expect(error.message).toContain('3000000000');
});

test('an image of billions of tiles ends with TooLarge', async () => {
  const fields = tiledFields({ 256: [256, 4, [4_294_967_295]], 257: [257, 4, [4_294_967_295]] });
  expect((await fails({ directories: [{ fields }], data: pixels })).tag).toBe('TooLarge');
});

test('an array that claims billions of entries is not allocated', async () => {
  const bytes = tiffBytes(whole);
  const at = bytes.indexOf(Buffer.from([0x44, 0x01, 4, 0]));
  bytes.writeUInt32LE(0xffff_ffff, at + 4);
  expect(['TooLarge', 'SlideInvalid']).toContain((await fails(bytes)).tag);
});

test('a tile of gigabytes ends with TooLarge', async () => {
  const side = 4_000_000;
  const fields = tiledFields({ 322: [322, 4, [side]], 323: [323, 4, [side]] });
  expect((await fails({ directories: [{ fields }], data: pixels })).tag).toBe('TooLarge');
});

test('fewer places than tiles end with SlideInvalid', async () => {
  const fields = tiledFields({ 256: [256, 4, [64]] });
  expect((await fails({ directories: [{ fields }], data: pixels })).tag).toBe('SlideInvalid');
});

test('an unreadable compression is named', async () => {
  for (const [code, name] of [
    [34925, 'LZMA'],
    [50002, 'JPEG XL'],
    [6, 'old-style JPEG'],
    [12345, 'unknown'],
  ] as const) {
    const error = await fails({ directories: [{ fields: tiledFields({ 259: [259, 3, [code]] }) }], data: pixels });
    expect(error).toMatchObject({ tag: 'UnsupportedCompression', details: { found: `${name} (${code})` } });
  }
});

test('a truncated JPEG tile ends with SlideInvalid and never gives half a picture', async () => {
  const noise = Buffer.from(Array.from({ length: 128 * 128 * 3 }, (_, i) => (i * 7919) % 251));
  const jpeg = await sharp(noise, { raw: { width: 128, height: 128, channels: 3 } })
    .jpeg()
    .toBuffer();
  const cut = jpeg.subarray(0, jpeg.length >> 1);
  const planOf = (tile: Buffer): TiffPlan => {
    const sizes = { 256: [256, 4, [128]], 257: [257, 4, [128]], 322: [322, 4, [128]], 323: [323, 4, [128]] } as const;
    const coded = { 259: [259, 3, [7]], 262: [262, 3, [6]], 325: [325, 4, [tile.length]] } as const;
    return { directories: [{ fields: tiledFields({ ...sizes, ...coded }) }], data: tile };
  };
  expect(await tryRead(tiffBytes(planOf(jpeg)))).toHaveLength(noise.length);
  expect((await fails(planOf(cut))).tag).toBe('SlideInvalid');
});

test.skipIf(!hasCorpora)(
  titleWith('a slide that is cut off anywhere is read or refused, never more', hasCorpora, 'the corpus'),
  async () => {
    const bytes = await readFile(path.join(corpora, 'wsi', 'CMU-1-Small-Region.svs'));
    for (let i = 1; i < 12; i++) {
      const result = await tryRead(bytes.subarray(0, Math.floor((bytes.length * i) / 12)));
      if (result instanceof VerisimError) expect(['SlideInvalid', 'TooLarge']).toContain(result.tag);
    }
  },
);

test.skipIf(!hasCorpora)(
  titleWith('damaged directories of a real slide give a tagged error or a picture', hasCorpora, 'the corpus'),
  async () => {
    const bytes = await readFile(path.join(corpora, 'wsi', 'CMU-1-Small-Region.svs'));
    const start = bytes.readUInt32LE(4);
    let state = 7;
    for (let round = 0; round < 60; round++) {
      const damaged = Buffer.from(bytes);
      for (let i = 0; i < 3; i++) {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
        damaged[start + (state % 200)] = (state >> 8) & 255;
      }
      // Anything that is no VerisimError is thrown on by tryRead and fails the test.
      const result = await tryRead(damaged);
      expect(result instanceof VerisimError || result.length > 0).toBe(true);
    }
  },
);
