import path from 'node:path';
import { expect, test } from 'vitest';
import { haarPacket } from '../../../main/diffusion/wavelets/haar.ts';
import { gaussianNoiseAt } from '../../../main/diffusion/noise.ts';
import { planBlocks, type RegionBlock } from '../../../main/diffusion/region-blocks.ts';
import { generateBlock, regionSteps, type StripHistory } from '../../../main/engine/generate-block.ts';
import { readPacks } from '../../../main/engine/packs.ts';
import { createSession } from '../../../main/engine/session.ts';
import { openStrips } from '../../../main/handlers/slide-strips.ts';
import { openSlide } from '../../../main/imaging/slide/open.ts';
import { readRegion } from '../../../main/imaging/slide/region.ts';
import { createPyramid, tileSide } from '../../../main/imaging/slide/write-pyramid.ts';
import { syntheticSentence } from '../../../main/imaging/slide/tiff/metadata.ts';
import { inFolder } from '../imaging/shared.ts';
import { openslidePython, readWithOpenSlide } from './openslide.ts';

const settings = { sampler: 'ddpm' as const, steps: 3, label: 0, guidance: 1 };

test('blocks cover a region once, each inside what is denoised for it, which is never smaller than a window', () => {
  for (const [width, height] of [
    [300, 170],
    [32, 32],
    [129, 40],
  ] as const) {
    const { blocks } = planBlocks({ width, height }, { side: 128, strip: 16, margin: 16, window: 32 });
    const covered = new Uint8Array(width * height);
    for (const { inner, region } of blocks) {
      expect(region.width >= 32 && region.height >= 32).toBe(true);
      expect(region.x <= inner.x && region.x + region.width >= inner.x + inner.width).toBe(true);
      expect(region.y <= inner.y && region.y + region.height >= inner.y + inner.height).toBe(true);
      for (let y = inner.y; y < inner.y + inner.height; y++) {
        for (let x = inner.x; x < inner.x + inner.width; x++)
          covered[y * width + x] = (covered[y * width + x] ?? 0) + 1;
      }
    }
    expect(covered.every((count) => count === 1)).toBe(true);
  }
});

test('noise depends on its place alone: parts that overlap agree, and it is standard normal', () => {
  const whole = gaussianNoiseAt(5, 2, { x: 0, y: 0, width: 40, height: 30, channels: 6 });
  const part = gaussianNoiseAt(5, 2, { x: 7, y: 11, width: 9, height: 8, channels: 6 });
  for (let c = 0; c < 6; c++) {
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 9; x++) expect(part[(c * 8 + y) * 9 + x]).toBe(whole[(c * 30 + y + 11) * 40 + x + 7]);
    }
  }
  const mean = whole.reduce((sum, value) => sum + value, 0) / whole.length;
  const variance = whole.reduce((sum, value) => sum + value * value, 0) / whole.length;
  expect(Math.abs(mean)).toBeLessThan(0.05);
  expect(Math.abs(variance - 1)).toBeLessThan(0.06);
  expect(new Set(whole).size).toBe(whole.length);
});

/** Every block of a small region through the strips' file, and what each handed on. */
async function generateAll(folder: string, size: { width: number; height: number }, side: number) {
  const { packs } = await readPacks([path.join(import.meta.dirname, '../../fixtures/packs')]);
  const pack = packs.find(({ manifest }) => manifest.id === 'small-wdm');
  if (pack === undefined) throw new Error('The fixture is not there.');
  const session = await createSession(pack, 'cpu');
  const { manifest } = pack;
  const strips = await openStrips(path.join(folder, 'strips'), {
    width: size.width,
    depth: 4,
    channels: 12,
    steps: regionSteps(manifest, settings),
    last: null,
  });
  const made: { block: RegionBlock; rgb: Uint8Array; known: StripHistory[]; own: StripHistory[] }[] = [];
  try {
    for (const block of planBlocks(size, { side, strip: 4, margin: 4, window: 8 }).blocks) {
      const known = await strips.known(block);
      const request = {
        block,
        settings,
        seed: 7,
        source: null,
        known,
        wanted: [...strips.wanted(block), block.region],
      };
      const result = await generateBlock({
        manifest,
        session,
        request,
        shouldStop: () => false,
        onStep: () => undefined,
      });
      if (result === null) throw new Error('stopped');
      await strips.keep(block, result.strips);
      if (result.made.kind !== 'picture') throw new Error('A wavelet model makes pictures.');
      made.push({ block, rgb: result.made.picture.rgb, known, own: result.strips });
    }
  } finally {
    await strips.close();
    await session.release();
  }
  return made;
}

test('a block keeps the way of its neighbours’ strips to the last bit, and the same region twice is the same', () =>
  inFolder(async (folder) => {
    const size = { width: 40, height: 24 };
    const [first, again] = [await generateAll(folder, size, 16), await generateAll(folder, size, 16)];
    expect(first).toHaveLength(6);
    expect(again.map(({ rgb }) => Buffer.from(rgb).toString('hex'))).toEqual(
      first.map(({ rgb }) => Buffer.from(rgb).toString('hex')),
    );
    expect(first.map(({ known }) => known.length)).toEqual([0, 1, 1, 1, 2, 2]);
    for (const { known, own, block } of first) {
      const whole = own[2];
      for (const { place, values } of known) {
        for (let step = 0; step < 3; step++) {
          for (let y = 0; y < place.height; y++) {
            for (let x = 0; x < place.width; x++) {
              for (let c = 0; c < 12; c++) {
                const { region } = block;
                const row = place.y + y - region.y;
                const column = place.x + x - region.x;
                if (row < 0 || column < 0 || row >= region.height || column >= region.width) continue;
                const here = whole?.values[((step * region.height + row) * region.width + column) * 12 + c];
                expect(here).toBe(values[((step * place.height + y) * place.width + x) * 12 + c]);
              }
            }
          }
        }
      }
    }
  }));

test('detail is made around a low-pass band that stays that of the source to the last bit', async () => {
  const { packs } = await readPacks([path.join(import.meta.dirname, '../../fixtures/packs')]);
  const pack = packs.find(({ manifest }) => manifest.id === 'small-wdm');
  const [block] = planBlocks({ width: 12, height: 10 }, { side: 128, strip: 4, margin: 4, window: 8 }).blocks;
  if (pack === undefined || block === undefined) throw new Error('The fixture is not there.');
  const values = Float32Array.from({ length: 3 * 20 * 24 }, (_, i) => 40 + ((i * 37) % 150));
  const session = await createSession(pack, 'cpu');
  try {
    const made = await generateBlock({
      manifest: pack.manifest,
      session,
      request: {
        block,
        settings,
        seed: 5,
        known: [],
        wanted: [block.region],
        source: { values, use: { kind: 'detail', cell: 2 } },
      },
      shouldStop: () => false,
      onStep: () => undefined,
    });
    const last = made?.strips[0]?.values.subarray(2 * 12 * 10 * 12) ?? [];
    const means: number[] = [];
    for (let y = 0; y < 10; y++) {
      for (let x = 0; x < 12; x++) {
        for (let c = 0; c < 3; c++) {
          const at = (dx: number, dy: number): number => values[(c * 20 + 2 * y + dy) * 24 + 2 * x + dx] ?? 0;
          means.push((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4);
        }
      }
    }
    // The first of four bands of a channel is the low-pass one: twice the mean in the range of the model, times its scale.
    const low = Array.from(last).filter((_, i) => i % 4 === 0);
    expect(low.map((value) => (value / 0.6 / 2 + 1) * 127.5)).toEqual(means.map((mean) => expect.closeTo(mean, 3)));
    expect(Array.from(last).some((value, i) => i % 4 !== 0 && value !== 0)).toBe(true);
  } finally {
    await session.release();
  }
});

test.each([
  [4, /^LL\.LL$/],
  [2, /^LL\./],
])('detail for squares of %i pixels keeps all bands that such squares say something of', async (cell, kept) => {
  const { packs } = await readPacks([path.resolve('models')]);
  const pack = packs.find(({ manifest }) => manifest.id === 'histology-wdm-128');
  const [block] = planBlocks({ width: 32, height: 32 }, { side: 128, strip: 4, margin: 4, window: 32 }).blocks;
  if (pack === undefined || block === undefined) throw new Error('The pack is not there.');
  const at = (i: number): [number, number, number] => [i % 128, Math.floor(i / 128) % 128, Math.floor(i / 128 / 128)];
  const values = Float32Array.from({ length: 3 * 128 * 128 }, (_, i) => {
    const [x, y, c] = at(i);
    return 60 + ((Math.floor(x / cell) * 37 + Math.floor(y / cell) * 91 + c * 50) % 150);
  });
  const session = await createSession(pack, 'cpu');
  try {
    const { manifest } = pack;
    const made = await generateBlock({
      ...{ manifest, session, shouldStop: () => false, onStep: () => undefined },
      request: {
        ...{ block, settings: { ...settings, steps: 2 }, seed: 5, known: [], wanted: [block.region] },
        source: { values, use: { kind: 'detail', cell } },
      },
    });
    const bands = manifest.wavelet?.bandOrder ?? [];
    const image = { channels: 3, width: 128, height: 128 };
    const model = Float64Array.from(values, (value) => (value / 127.5 - 1) * (manifest.wavelet?.scale ?? 1));
    const wanted = haarPacket(model, image, bands);
    const last = made?.strips[0]?.values.subarray(-wanted.length) ?? [];
    let apart = 0;
    let differing = 0;
    last.forEach((value, i) => {
      const channel = i % 48;
      const difference = Math.abs(value - (wanted[channel * 1024 + Math.floor(i / 48)] ?? 0));
      if (kept.test(bands[channel % 16] ?? '')) apart = Math.max(apart, difference);
      else differing += Number(difference > 0.01);
    });
    expect(apart).toBeLessThan(1e-5);
    expect(differing).toBeGreaterThan(1000);
  } finally {
    await session.release();
  }
});

test('tiles become a marked pyramid that OpenSlide reads, each level the mean of the one below', () =>
  inFolder(async (folder) => {
    const file = path.join(folder, 'slide.tif');
    const [width, height] = [700, 600];
    const description = `${syntheticSentence} Model small 1.\n{}`;
    const writer = await createPyramid({
      file,
      width,
      height,
      micronsPerPixel: 0.5,
      description,
      xmp: '<x/>',
    });
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        const tile = new Uint8Array(tileSide * tileSide * 3);
        for (let i = 0; i < tileSide * tileSide; i++) {
          const [x, y] = [column * tileSide + (i % tileSide), row * tileSide + Math.floor(i / tileSide)];
          tile.set([(x * 255) / 768, (y * 255) / 768, 120], 3 * i);
        }
        await writer.addTile(column, row, tile);
      }
    }
    await writer.finish();
    const slide = await openSlide(file);
    expect(slide.levels.map((level) => [level.width, level.height])).toEqual([
      [700, 600],
      [350, 300],
      [175, 150],
    ]);
    expect([slide.synthetic, slide.micronsPerPixel?.x.toFixed(3)]).toEqual([true, '0.500']);
    const regions = slide.levels.map((_, level) => ({ level, x: 40, y: 48, width: 60, height: 50 }));
    const read = [];
    for (const region of regions) read.push(await readRegion(slide, region));
    read.forEach(({ rgb }, level) => {
      const at = (20 * 60 + 30) * 3;
      expect(Math.abs((rgb[at] ?? 0) - ((70 + 0.5) * 2 ** level * 255) / 768)).toBeLessThan(3);
    });
    await slide.close();
    if (openslidePython === null) return;
    const theirs = readWithOpenSlide(file, regions, { folder });
    expect(theirs.properties['openslide.comment']).toContain('not of a patient');
    expect(Buffer.compare(Buffer.concat(read.map(({ rgb }) => rgb)), theirs.rgb)).toBe(0);
  }));
