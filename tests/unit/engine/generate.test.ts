import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { GenerationRequest, RunProgress } from '../../../preload/domain.ts';
import { type SamplerName, samplerNames } from '../../../preload/samplers.ts';
import type { GeneratedImage, GenerationOptions, GenerationSummary } from '../../../main/engine/generate.ts';
import { generateImages } from '../../../main/engine/generate.ts';
import { disposeInference } from '../../../main/engine/inference.ts';
import type { ModelPack } from '../../../main/engine/packs.ts';
import { readPacks } from '../../../main/engine/packs.ts';
import { availableProviders } from '../../../main/engine/providers.ts';
import { temporaryFolder, writeSmallPack } from './small-pack.ts';

const packFolder = 'models/brain-mri-wdm-128';
const absent = !existsSync(path.join(packFolder, 'model.json'));
const real = absent ? null : await packIn(packFolder);
const first8 = [0, 1, 2, 3, 4, 5, 6, 7];

afterAll(() => disposeInference());

describe.skipIf(absent)('the brain pack (skipped where models/brain-mri-wdm-128 is absent)', () => {
  for (const guidance of [1, 3]) {
    const classId = real?.manifest.conditioning?.classes[0]?.id ?? null;
    it(`gives image i the same bytes in any run, guidance ${guidance}`, async () => {
      const of8 = await generate({ indices: first8, request: { count: 8, guidance, classId } });
      const of3 = await generate({ indices: [0, 1, 2], request: { count: 3, guidance, classId } });
      const resumed = await generate({ indices: [2, 7], request: { count: 8, guidance, classId } });
      expect(of8.images.map((image) => image.index)).toEqual(first8);
      expect(of8.images.map((image) => image.seed)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
      of3.images.forEach((image, i) => expect(sameBytes(image, of8.images[i])).toBe(true));
      expect(resumed.images.map((image) => image.index)).toEqual([2, 7]);
      for (const image of resumed.images) expect(sameBytes(image, of8.images[image.index])).toBe(true);
      expect(sameBytes(of8.images[0], of8.images[1])).toBe(false);
    });
  }

  it('gives the same bytes after the model was released and loaded again', async () => {
    const before = await generate({ indices: [0] });
    await disposeInference();
    const after = await generate({ indices: [0] });
    expect(sameBytes(before.images[0], after.images[0])).toBe(true);
    expect(before.summary.provider).toBe('cpu');
    expect(after.summary.seconds.load).toBeGreaterThan(0);
  });

  it('continues seeds at 0 after 2^32 − 1', async () => {
    const { images } = await generate({ indices: [0, 1], request: { seed: 0xffff_ffff, count: 2 } });
    const { images: fromZero } = await generate({ indices: [1], request: { seed: 0xffff_ffff, count: 2 } });
    expect(images.map((image) => image.seed)).toEqual([0xffff_ffff, 0]);
    expect(sameBytes(images[1], fromZero[0])).toBe(true);
  });

  it(
    'is drawn alike by every sampler that solves the same equation, and stays in its stored range',
    { timeout: 180_000 },
    async () => {
      const { storedMin, storedMax } = pack().manifest.intensity;
      const draw = async (sampler: SamplerName, steps: number): Promise<Float32Array[]> => {
        const { images } = await generate({ indices: [0, 1], request: { sampler, steps } });
        return images.map(({ pixels }) => pixels);
      };
      const [reference, other] = await draw('dpmpp-2m', 20);
      if (reference === undefined || other === undefined) throw new Error('Two images were asked for.');
      for (const sampler of samplerNames) {
        const [pixels = new Float32Array()] = await draw(sampler, sampler === 'heun' ? 40 : 12);
        expect(pixels.every((value) => value >= storedMin && value <= storedMax)).toBe(true);
        // The ancestral samplers add noise of their own, so their image is another one. How far the others still are from each
        // other at 12 steps depends on the weights; they must be far nearer than the image of the next seed.
        if (!['ddpm', 'dpmpp-2m-sde', 'dpmpp-2m-sde-karras'].includes(sampler))
          expect(distance(pixels, reference) / distance(other, reference), sampler).toBeLessThan(0.5);
      }
    },
  );

  it('leaves the source as it is at strength 0, and ignores it at strength 1', async () => {
    const source = testCard();
    const from = (strength: number, sourceImage?: () => Promise<Float32Array>) =>
      generate({
        indices: [0, 1],
        ...(sourceImage === undefined ? {} : { sourceImage }),
        request: { source: { seriesId: 's', sliceIndices: [0], strength } },
      });
    const kept = await from(0, () => Promise.resolve(source));
    const worst = Math.max(...source.map((value, i) => Math.abs(value - (kept.images[1]?.pixels[i] ?? NaN))));
    expect(worst).toBeLessThan(1e-3);
    expect(kept.images[0]?.input).toEqual(source);
    const full = await from(1, () => Promise.resolve(source));
    const fromNoise = await generate({ indices: [0, 1] });
    expect(sameBytes(full.images[0], fromNoise.images[0])).toBe(true);
    const half = await from(0.5, () => Promise.resolve(source));
    expect(sameBytes(half.images[0], full.images[0])).toBe(false);
    expect(distance(half.images[0]?.pixels, source)).toBeLessThan(distance(full.images[0]?.pixels, source));
    await expect(from(0.5, () => Promise.resolve(source.slice(1)))).rejects.toMatchObject({ tag: 'InvalidInput' });
  });

  it('keeps what is finished when it is cancelled, and works again', async () => {
    const cancel = new AbortController();
    const kept: GeneratedImage[] = [];
    const onProgress = ({ done }: RunProgress): void => (done === 4 ? cancel.abort() : undefined);
    const running = generate(
      { indices: first8, request: { count: 8, steps: 10 }, signal: cancel.signal, onProgress },
      kept,
    );
    await expect(running).rejects.toMatchObject({ tag: 'Cancelled' });
    expect(kept.map((image) => image.index)).toEqual([0, 1, 2, 3]);
    const again = await generate({ indices: [0], request: { count: 8, steps: 10 } });
    expect(sameBytes(again.images[0], kept[0])).toBe(true);
  });

  it('waits for its turn on the one inference thread, and can be cancelled while it waits', async () => {
    const cancel = new AbortController();
    const first = generate({ indices: [0], request: { steps: 8 } });
    const second = generate({ indices: [1], signal: cancel.signal });
    const third = generate({ indices: [2] });
    cancel.abort();
    await expect(second).rejects.toMatchObject({ tag: 'Cancelled' });
    expect((await first).images.map((image) => image.index)).toEqual([0]);
    expect((await third).images.map((image) => image.index)).toEqual([2]);
  });

  it('fails the one run during which the inference thread ends, and starts another thread for the next', async () => {
    const onProgress = ({ phase }: RunProgress): void => (phase.includes('step') ? void disposeInference() : undefined);
    const running = generate({ indices: [0], request: { steps: 50 }, onProgress });
    await expect(running).rejects.toMatchObject({ tag: 'InferenceFailed' });
    expect((await generate({ indices: [0] })).images).toHaveLength(1);
  });

  it('lets the process end cleanly in the middle of a run', () => {
    const program = `
      import { readPacks } from './main/engine/packs.ts';
      import { generateImages } from './main/engine/generate.ts';
      const { packs: [pack] } = await readPacks(['${packFolder}']);
      const request = { count: 1, seed: 5, classId: null, guidance: 1, sampler: 'ddim', steps: 100, provider: 'cpu', source: null };
      const onProgress = ({ phase }) => phase.includes('step') && setTimeout(() => process.exit(3), 40);
      for await (const image of generateImages({ pack, request, indices: [0], signal: new AbortController().signal, onProgress }));`;
    const ended = spawnSync(process.execPath, ['--eval', program], { encoding: 'utf8' });
    expect(ended).toMatchObject({ status: 3, signal: null, stderr: '' });
  });

  it('reports the whole run at most ten times a second, with the time left', async () => {
    const reports: RunProgress[] = [];
    const started = performance.now();
    await generate({
      indices: [4, 5, 6],
      request: { count: 8, steps: 8 },
      onProgress: (report) => reports.push(report),
    });
    const seconds = (performance.now() - started) / 1000;
    expect(reports[0]).toMatchObject({ done: 5, total: 8, phase: 'Loading the model' });
    expect(reports.some(({ phase }) => /^Images 5 to 7 of 8, step \d of 8$/.test(phase))).toBe(true);
    expect(reports.some(({ secondsLeft }) => secondsLeft !== null && secondsLeft > 0)).toBe(true);
    expect(reports.length).toBeLessThanOrEqual(seconds * 10 + 3);
  });

  it('falls back to the processor with the reason where a provider cannot be used', async () => {
    expect(availableProviders()).toContain('cpu');
    const { summary, images } = await generate({ indices: [0], request: { provider: 'coreml' } });
    expect(summary.provider).toBe('cpu');
    expect(summary.warnings.join()).toMatch(/coreml could not be used \(.+\)/);
    expect(sameBytes(images[0], (await generate({ indices: [0] })).images[0])).toBe(true);
  });

  it('refuses a class it does not know and more steps than were trained', async () => {
    const unknown = generate({ indices: [0], request: { classId: 'knee' } });
    await expect(unknown).rejects.toMatchObject({ tag: 'InvalidInput', details: { found: 'knee' } });
    const steps = pack().manifest.schedule.steps + 1;
    await expect(generate({ indices: [0], request: { steps } })).rejects.toMatchObject({ tag: 'InvalidInput' });
  });
});

describe('a person’s own pack', () => {
  it('may take whole-number timesteps and no label', async () => {
    const own = await packIn(writeSmallPack(temporaryFolder(), 'whole-timesteps'));
    const { images } = await generate({ pack: own, indices: [0, 1, 2, 3, 4], request: { count: 5 } });
    expect(images.map((image) => image.pixels.length)).toEqual([64, 64, 64, 64, 64]);
  });

  it('may ask for predicted images to be kept within their range', async () => {
    const free = await packIn(writeSmallPack(temporaryFolder(), 'whole-timesteps'));
    const kept = await packIn(writeSmallPack(temporaryFolder(), 'whole-timesteps', (m) => (m.sampling.clip = true)));
    const images = await Promise.all([free, kept].map((own) => generate({ pack: own, indices: [0] })));
    expect(sameBytes(images[0]?.images[0], images[1]?.images[0])).toBe(false);
  });

  it('that returns NaN fails with the step', async () => {
    const own = await packIn(writeSmallPack(temporaryFolder(), 'not-finite'));
    await expect(generate({ pack: own, indices: [0] })).rejects.toMatchObject({
      tag: 'InferenceFailed',
      message: expect.stringContaining('at step 1') as string,
    });
  });

  it('whose network has another batch is refused with both shapes', async () => {
    const own = await packIn(writeSmallPack(temporaryFolder(), 'other-batch'));
    await expect(generate({ pack: own, indices: [0] })).rejects.toMatchObject({
      tag: 'PackInvalid',
      message: expect.stringMatching(
        /input sample float32 \[4, 16, 2, 2\] was expected, float32 \[2, 16, 2, 2\]/,
      ) as string,
    });
  });

  it('that is not ONNX is refused', async () => {
    const own = await packIn(writeSmallPack(temporaryFolder(), Buffer.from('not a network')));
    await expect(generate({ pack: own, indices: [0] })).rejects.toMatchObject({ tag: 'PackInvalid' });
  });

  it('whose weights changed since it was listed is refused', async () => {
    const folder = writeSmallPack(temporaryFolder(), 'whole-timesteps');
    const own = await packIn(folder);
    appendFileSync(path.join(folder, 'denoiser.onnx'), 'x');
    await expect(generate({ pack: own, indices: [0] })).rejects.toMatchObject({ tag: 'HashMismatch' });
  });
});

async function packIn(folder: string): Promise<ModelPack> {
  const { packs, refused } = await readPacks([folder]);
  if (packs[0] === undefined) throw new Error(JSON.stringify(refused));
  return packs[0];
}

function pack(): ModelPack {
  if (real === null) throw new Error(`${packFolder} is absent`);
  return real;
}

/** Runs to the end; `finished` shows what was delivered before a failure. Four steps unless told otherwise. */
async function generate(
  options: Partial<Omit<GenerationOptions, 'request'>> & { indices: number[]; request?: Partial<GenerationRequest> },
  finished: GeneratedImage[] = [],
): Promise<{ images: GeneratedImage[]; summary: GenerationSummary }> {
  const request: GenerationRequest = {
    modelId: 'any',
    count: Math.max(...options.indices) + 1,
    seed: 5,
    classId: null,
    guidance: 1,
    sampler: 'dpmpp-2m',
    steps: 4,
    provider: 'cpu',
    source: null,
    ...options.request,
  };
  const running = generateImages({
    pack: options.pack ?? pack(),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...options,
    request,
  });
  for (;;) {
    const next = await running.next();
    if (next.done) return { images: finished, summary: next.value };
    finished.push(next.value);
  }
}

function sameBytes(a: GeneratedImage | undefined, b: GeneratedImage | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    Buffer.compare(Buffer.from(a.pixels.buffer), Buffer.from(b.pixels.buffer)) === 0
  );
}

/** A bright disc on dark ground, in stored units. */
function testCard(): Float32Array {
  const { width, height } = pack().manifest.image;
  const { storedMin, storedMax } = pack().manifest.intensity;
  return Float32Array.from({ length: width * height }, (_, i) => {
    const inside = Math.hypot((i % width) - width / 2, Math.floor(i / width) - height / 2) < width / 3;
    return storedMin + (inside ? 0.7 : 0.1) * (storedMax - storedMin);
  });
}

function distance(a: Float32Array | undefined, b: Float32Array): number {
  return b.reduce((sum, value, i) => sum + Math.abs(value - (a?.[i] ?? NaN)), 0) / b.length;
}
