import path from 'node:path';
import { expect, test } from 'vitest';
import { windowsOver } from '../../../main/diffusion/decoder-windows.ts';
import { gaussianNoiseAt } from '../../../main/diffusion/noise.ts';
import type { Rectangle } from '../../../main/diffusion/region-blocks.ts';
import { decodeRegion, type LatentPart } from '../../../main/engine/decode-region.ts';
import { generateBlock } from '../../../main/engine/generate-block.ts';
import { type ModelPack, readPacks } from '../../../main/engine/packs.ts';
import { createSession } from '../../../main/engine/session.ts';
import type { SlideGenerationInput } from '../../../main/handlers/slide-facts.ts';
import { openLatents } from '../../../main/handlers/slide-latents.ts';
import { planRegion } from '../../../main/handlers/slide-plan.ts';
import { inFolder } from '../imaging/shared.ts';

const unattended = { shouldStop: () => false, onStep: () => undefined };
const [models, fixtures] = [path.resolve('models'), path.resolve('tests/fixtures/packs')];

async function packOf(id: string): Promise<ModelPack> {
  const { packs } = await readPacks([models, fixtures]);
  const pack = packs.find(({ manifest }) => manifest.id === id);
  if (pack === undefined) throw new Error(`There is no pack ${id}.`);
  return pack;
}

function inputOf(modelId: string, size: { width: number; height: number; blockSide: number }): SlideGenerationInput {
  return {
    ...{ modelId, ...size, seed: 4, classId: null, guidance: 1, sampler: 'dpmpp-2m-karras', steps: 2 },
    ...{ provider: 'cpu', micronsPerPixel: null, source: null, coarseScale: null },
  };
}

/** A standard normal latent that is the same wherever it is asked for. */
function latentAt(place: Rectangle, channels: number): LatentPart {
  const planes = gaussianNoiseAt(9, 0, { ...place, channels });
  const plane = place.width * place.height;
  return {
    place,
    values: Float32Array.from(planes, (_, i) => planes[(i % channels) * plane + Math.floor(i / channels)] ?? 0),
  };
}

test('the windows over a place are the same whichever part they are asked for', () => {
  const [whole, window] = [
    { width: 61, height: 40 },
    { width: 8, height: 8 },
  ];
  const all = windowsOver({ x: 0, y: 0, ...whole }, whole, window);
  const over = (corners: typeof all, x: number, y: number) =>
    corners.filter((at) => at.x <= x && x < at.x + 8 && at.y <= y && y < at.y + 8);
  for (const inner of [
    { x: 0, y: 0, width: 16, height: 16 },
    { x: 16, y: 8, width: 16, height: 24 },
    { x: 48, y: 32, width: 13, height: 8 },
  ]) {
    const own = windowsOver(inner, whole, window);
    for (let y = inner.y; y < inner.y + inner.height; y++) {
      for (let x = inner.x; x < inner.x + inner.width; x++) {
        expect(over(own, x, y)).toEqual(over(all, x, y));
        expect(over(own, x, y).length).toBeGreaterThan(0);
      }
    }
  }
});

test.each(['small-ldm', 'small-lwdm', 'chest-xray-ldm-128'])(
  '%s: pixels decoded part by part are those of the whole to the last bit; grey is three times the same',
  async (id) => {
    const pack = await packOf(id);
    const { width: window } = pack.manifest.latent;
    const side = id.startsWith('small') ? 8 : window;
    const plan = planRegion(pack, inputOf(id, { width: side * 11, height: side * 7, blockSide: side * 4 }));
    const { latents: whole } = plan;
    if (whole === null) throw new Error('A latent pack decodes.');
    const session = await createSession(pack, 'cpu');
    try {
      const decode = async (inner: Rectangle, sight: Rectangle): Promise<Uint8Array> => {
        const request = { latent: latentAt(sight, whole.channels), inner, whole };
        const made = await decodeRegion({ manifest: pack.manifest, session, request, ...unattended });
        return made?.rgb ?? new Uint8Array(0);
      };
      const everything = { x: 0, y: 0, width: whole.width, height: whole.height };
      const all = await decode(everything, everything);
      expect(new Set(all).size).toBeGreaterThan(50);
      if (pack.manifest.image.channels === 1) expect(all.every((value, i) => value === all[i - (i % 3)])).toBe(true);
      const across = whole.width * 4 * 3;
      for (const task of plan.tasks) {
        if (task.kind !== 'decode') continue;
        const { inner, sight } = task;
        const part = await decode(inner, sight);
        const length = inner.width * 4 * 3;
        for (let row = 0; row < inner.height * 4; row++) {
          const from = (inner.y * 4 + row) * across + inner.x * 4 * 3;
          const here = part.subarray(row * length, (row + 1) * length);
          expect(Buffer.compare(here, all.subarray(from, from + length))).toBe(0);
        }
      }
    } finally {
      await session.release();
    }
  },
  60_000,
);

test('a block is decoded when all that its windows see is denoised, and the file still holds it', () =>
  inFolder(async (folder) => {
    for (const [id, size] of [
      ['chest-xray-ldm-128', { width: 1500, height: 1300, blockSide: 256 }],
      ['chest-xray-lwdm-128', { width: 700, height: 1900, blockSide: 512 }],
      ['small-lwdm', { width: 90, height: 300, blockSide: 32 }],
    ] as const) {
      const { tasks, blocks, latents: sizes } = planRegion(await packOf(id), inputOf(id, size));
      if (sizes === null) throw new Error('A latent pack decodes.');
      const { channels } = sizes;
      const each = sizes.width / Math.max(...blocks.map(({ inner }) => inner.x + inner.width));
      const latents = await openLatents(path.join(folder, id), { ...sizes, resumes: false });
      const decoded: number[] = [];
      for (const { kind, index, block, ...task } of tasks) {
        if (kind === 'denoise') {
          const { x, y, width, height } = block.inner;
          await latents.keep(
            latentAt({ x: x * each, y: y * each, width: width * each, height: height * each }, channels),
          );
          continue;
        }
        const { sight } = task as { sight: Rectangle };
        expect((await latents.read(sight)).values).toEqual(latentAt(sight, channels).values);
        decoded.push(index);
      }
      expect(decoded).toEqual(blocks.map((_, index) => index));
      await latents.close();
    }
  }));

test('the latent of a block is what its neighbours and the decoder share, and a grey wavelet pack makes grey pictures', async () => {
  const sample = async (id: string, size: number) => {
    const pack = await packOf(id);
    const { blocks, settings } = planRegion(pack, inputOf(id, { width: size, height: size, blockSide: size }));
    const [block] = blocks;
    if (block === undefined) throw new Error('There is one block.');
    const session = await createSession(pack, 'cpu');
    try {
      const request = { block, settings, seed: 4, source: null, known: [], wanted: [block.inner] };
      const made = await generateBlock({ manifest: pack.manifest, session, request, ...unattended });
      if (made === null) throw new Error('Nobody stopped it.');
      return { ...made, scale: pack.manifest.autoencoder?.scale ?? 1 };
    } finally {
      await session.release();
    }
  };
  const { made, strips, scale } = await sample('small-ldm', 64);
  if (made.kind !== 'latent') throw new Error('A latent pack makes latents.');
  const { values } = made.latent;
  const last = strips[0]?.values.slice(-values.length) ?? new Float32Array(0);
  expect(last.every((value, i) => Math.abs(value / scale - (values[i] ?? NaN)) < 1e-5)).toBe(true);
  const grey = await sample('chest-xray-wdm-128', 256);
  if (grey.made.kind !== 'picture') throw new Error('A wavelet pack makes pictures.');
  const { rgb } = grey.made.picture;
  expect(rgb.every((value, i) => value === rgb[i - (i % 3)])).toBe(true);
  expect(new Set(rgb).size).toBeGreaterThan(20);
}, 60_000);
