import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { GenerationRequest } from '../../../preload/domain.ts';
import type { BatchPreview } from '../../../main/engine/generate-batch.ts';
import { generateBatch } from '../../../main/engine/generate-batch.ts';
import { createCodec } from '../../../main/engine/generate-codec.ts';
import type { GeneratedImage, GenerationOptions } from '../../../main/engine/generate.ts';
import { generateImages } from '../../../main/engine/generate.ts';
import { disposeInference } from '../../../main/engine/inference.ts';
import type { ModelPack } from '../../../main/engine/packs.ts';
import { readPacks, verifyPack, weightsInputs } from '../../../main/engine/packs.ts';
import { createSession } from '../../../main/engine/session.ts';

/** Small packs with random weights, one of each family, and what PyTorch makes of them: see make.py beside them. */
const folder = path.resolve('tests/fixtures/packs');
const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as {
  seed: number;
  steps: number;
  guidance: number;
  packs: Record<string, Record<'image' | 'encoded' | 'decoded' | 'fromNoise' | 'fromImage', number[]>>;
};
const { packs, refused } = await readPacks([folder]);
/** In stored units, 0 … 255. */
const tolerance = 0.005;

afterAll(() => disposeInference());

it('there is a small pack of every family, and none is refused', () => {
  expect(refused).toEqual([]);
  expect(packs.map(({ manifest }) => manifest.family).sort()).toEqual(['ddpm', 'ldm', 'lwdm', 'wdm']);
});

describe.each(packs.map((pack) => [pack.manifest.family, pack] as const))('the family %s', (_, pack) => {
  const truth = expected.packs[pack.manifest.id];
  if (truth === undefined) throw new Error(`no values for ${pack.manifest.id}`);
  const source = Float32Array.from(truth.image);

  it('encodes and decodes as PyTorch does', async () => {
    await verifyPack(pack);
    const session = await createSession(pack, 'cpu', { encoder: true });
    const codec = createCodec(pack.manifest, session);
    // A place in the second round of the decoder.
    const [sample] = await codec.encode([{ slot: 3, values: source }]);
    if (sample === undefined) throw new Error('one image was given');
    expect(worst(sample, truth.encoded)).toBeLessThan(1e-4);
    const [image] = await codec.decode([{ slot: 3, values: sample }]);
    expect(worst(image, truth.decoded)).toBeLessThan(tolerance);
    await session.release();
  });

  it('draws the image that PyTorch draws with the same noise, class and guidance', async () => {
    const [image] = await generate(pack, { indices: [0] });
    expect(worst(image?.pixels, truth.fromNoise)).toBeLessThan(tolerance);
  });

  it('changes an image as PyTorch does', async () => {
    const request = { source: { seriesId: 's', sliceIndices: [0], strength: 0.6 } };
    const [image] = await generate(pack, { indices: [0], request, sourceImage: () => Promise.resolve(source) });
    expect(worst(image?.pixels, truth.fromImage)).toBeLessThan(tolerance);
  });

  it('gives an image the same bytes whatever else is in its batch', async () => {
    for (const guidance of [1, 2.5]) {
      const all = await generate(pack, { indices: [0, 1, 2, 3, 4, 5, 6], request: { guidance } });
      const some = await generate(pack, { indices: [1, 3, 6], request: { guidance } });
      for (const { index, pixels } of some) expect(pixels).toEqual(all[index]?.pixels);
      expect(all[0]?.pixels).not.toEqual(all[1]?.pixels);
    }
  });

  it('shows what becomes of the images while they are made', async () => {
    const session = await createSession(pack, 'cpu');
    const previews: BatchPreview[] = [];
    const run = async (count?: number): Promise<Float32Array> => {
      await sleep(50);
      return session.run(count);
    };
    const result = await generateBatch({
      manifest: pack.manifest,
      session: { ...session, run },
      settings: { sampler: 'ddim', steps: 16, label: 1, guidance: 1, strength: null, inpainting: null },
      images: [{ index: 6, slot: 2, seed: expected.seed, source: null, unknown: null }],
      shouldStop: () => false,
      onStep: () => undefined,
      onPreview: (preview) => previews.push(preview),
    });
    const finished = result?.images[0]?.pixels ?? new Float32Array();
    const errors = previews.map(({ images }) => meanDistance(images[0]?.pixels, finished));
    expect(previews.length).toBeGreaterThanOrEqual(2);
    expect(previews.length).toBeLessThanOrEqual(7);
    expect(previews.every(({ step, steps, images }) => step % 2 === 0 && steps === 16 && images[0]?.index === 6)).toBe(
      true,
    );
    expect(errors.at(-1)).toBeLessThan(errors[0] ?? 0);
    await session.release();
  });
});

describe('guidance', () => {
  const pack = packs[0] as ModelPack;

  it('of weight 1 is the class alone, of weight 0 none, and between them a mixture', async () => {
    const draw = async (request: Partial<GenerationRequest>): Promise<Float32Array | undefined> =>
      (await generate(pack, { indices: [0], request: { steps: 1, ...request } }))[0]?.pixels;
    const [without, half, whole] = [
      await draw({ guidance: 0 }),
      await draw({ guidance: 0.5 }),
      await draw({ guidance: 1 }),
    ];
    expect(without).toEqual(await draw({ classId: null, guidance: 3 }));
    expect(whole).not.toEqual(without);
    const between = half?.filter((value, i) => {
      const [a = 0, b = 0] = [without?.[i], whole?.[i]];
      return value >= Math.min(a, b) - 1e-3 && value <= Math.max(a, b) + 1e-3;
    });
    expect(between?.length).toBe(half?.length);
  });
});

it('a thousand images take no more memory than ten', { timeout: 120_000 }, () => {
  const peakMb = (count: number): number => {
    const program = `
      import { readPacks } from './main/engine/packs.ts';
      import { generateImages } from './main/engine/generate.ts';
      const { packs: [pack] } = await readPacks(['tests/fixtures/packs/small-ldm']);
      const request = { count: ${count}, seed: 5, classId: 'a', guidance: 2, sampler: 'ddpm', steps: 2, provider: 'cpu', source: null };
      const indices = Array.from({ length: ${count} }, (_, index) => index);
      const images = generateImages({ pack, request, indices, signal: new AbortController().signal, onProgress: () => undefined });
      let next = await images.next();
      while (!next.done) next = await images.next();
      console.log(next.value.peakRssMb);
      process.exit(0);`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--eval', program], { encoding: 'utf8' });
    if (stderr !== '') throw new Error(stderr);
    return Number(stdout);
  };
  const ten = peakMb(10);
  expect(ten).toBeGreaterThan(20);
  // What differs is how far the garbage collector lets the heap of a busy process grow.
  expect(peakMb(1000) - ten).toBeLessThan(32);
});

it('a run logs the hash of every network', () => {
  const latent = packs.find(({ manifest }) => manifest.family === 'ldm') as ModelPack;
  expect(weightsInputs(latent).map(({ name }) => name)).toEqual(['model', 'encoder', 'decoder']);
});

/** Class b, guided, by DDIM: as in make.py. */
async function generate(
  pack: ModelPack,
  options: Partial<Omit<GenerationOptions, 'request'>> & { indices: number[]; request?: Partial<GenerationRequest> },
): Promise<GeneratedImage[]> {
  const request: GenerationRequest = {
    modelId: pack.manifest.id,
    count: Math.max(...options.indices) + 1,
    seed: expected.seed,
    classId: 'b',
    guidance: expected.guidance,
    sampler: 'ddim',
    steps: expected.steps,
    provider: 'cpu',
    source: null,
    ...options.request,
  };
  const finished: GeneratedImage[] = [];
  const signal = new AbortController().signal;
  const running = generateImages({ pack, signal, onProgress: () => undefined, ...options, request });
  for await (const image of running) finished.push(image);
  return finished;
}

function meanDistance(a: Float32Array | undefined, b: Float32Array): number {
  return b.reduce((sum, value, i) => sum + Math.abs(value - (a?.[i] ?? NaN)), 0) / b.length;
}

function worst(found: ArrayLike<number> | undefined, wanted: ArrayLike<number>): number {
  expect(found?.length).toBe(wanted.length);
  return Math.max(...Array.from(wanted, (value, i) => Math.abs(value - (found?.[i] ?? NaN))));
}
