import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ImageReference } from '../../../preload/domain.ts';
import { between } from '../../../main/handlers/lab-latent.ts';
import { writeTextures } from '../../fixtures/texture-folder.ts';
import { realPlace, temporaryFolder } from '../cli/verisim.ts';
import { type Bench, context, openBench, openPhantom } from './workspace.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let bench: Bench;
let image: ImageReference;
const model = 'chest-xray-ldm-128';

beforeAll(async () => {
  bench = await openBench(realPlace());
  const { seriesId } = await openPhantom(bench);
  image = { kind: 'slice', seriesId, sliceIndex: 5 };
});
afterAll(() => bench.workspace.close());

describe('wavelet bands', () => {
  const wavelet = (changes: object = {}) =>
    bench.handlers['lab.wavelet'](
      { image, wavelet: 'db2', mode: 'periodization', levels: 2, zeroed: [], keepPercent: 100, ...changes },
      context,
    );

  it('of an untouched image come back to it, and their energy adds up', async () => {
    const { error, bands, keptShare, energyKept } = await wavelet();
    expect(error.largest).toBeLessThan(1e-6);
    expect(bands).toHaveLength(7);
    expect(bands.reduce((sum, { energyShare }) => sum + energyShare, 0)).toBeCloseTo(1, 12);
    expect(keptShare).toBeLessThanOrEqual(1);
    expect(energyKept).toBeCloseTo(1, 12);
  });

  it('set to zero leave an error of their own energy: orthogonal bands do not mix', async () => {
    const whole = await wavelet();
    const finest = whole.bands.filter(({ level }) => level === 1);
    const cut = await wavelet({ zeroed: finest.map(({ id }) => id) });
    const lost = finest.reduce((sum, { energyShare }) => sum + energyShare, 0);
    expect(cut.energyKept).toBeCloseTo(1 - lost, 10);
    expect(cut.error.rootMeanSquare).toBeGreaterThan(0);
    expect(cut.error.psnrDb).toBeCloseTo(-20 * Math.log10(cut.error.rootMeanSquare), 9);
  });

  it('dropped but for the largest tenth lose more coefficients than energy', async () => {
    const { keptShare, energyKept } = await wavelet({ keepPercent: 10 });
    expect(keptShare).toBeLessThan(0.2);
    expect(energyKept).toBeGreaterThan(0.9);
  });

  it('are refused where the image is too small for so many levels', async () => {
    await expect(wavelet({ wavelet: 'db4', levels: 8 })).rejects.toMatchObject({ tag: 'InvalidInput' });
  });
});

describe('latent space', () => {
  it('of a slice: decoded again, with distances and its channels', async () => {
    const found = await bench.handlers['lab.reconstruct']({ modelId: model, image }, context);
    expect(found.restored).toMatchObject({ width: 128, height: 128, synthetic: true });
    expect(found.latents.length).toBeGreaterThan(0);
    expect(found.compression).toBeGreaterThan(1);
    expect(found.ssim).toBeLessThanOrEqual(1);
    expect(found.gradientDeviation).toBeGreaterThanOrEqual(0);
  });

  it('between two slices begins and ends with what they decode to', async () => {
    const right = { ...image, sliceIndex: 6 } as ImageReference;
    const { frames } = await bench.handlers['lab.interpolate'](
      { modelId: model, left: image, right, frames: 3 },
      context,
    );
    const { restored } = await bench.handlers['lab.reconstruct']({ modelId: model, image }, context);
    expect(frames.map(({ share }) => share)).toEqual([0, 0.5, 1]);
    expect(frames[0]!.image.range.max).toBeCloseTo(restored.range.max, 5);
  });

  it('is refused for a model without an autoencoder', async () => {
    const wrong = bench.handlers['lab.reconstruct']({ modelId: 'brain-mri-wdm-128', image }, context);
    await expect(wrong).rejects.toMatchObject({
      tag: 'InvalidInput',
      message: expect.stringContaining('no latents') as string,
    });
  });

  it('the great circle keeps the length of vectors of one length', () => {
    const [a, b] = [Float64Array.of(1, 0, 0), Float64Array.of(0, 1, 0)];
    expect(Math.hypot(...between(a, b, 0.3))).toBeCloseTo(1, 12);
    expect([...between(a, b, 0)]).toEqual([1, 0, 0]);
    expect(between(a, a, 0.5)[0]).toBeCloseTo(1, 12);
  });
});

describe('the map of cohorts', () => {
  it.each(['pca', 'umap'] as const)('by %s sets two kinds of textures apart, and is the same again', async (method) => {
    const root = temporaryFolder();
    const part = async (name: string, contrast: number, seed: number) => {
      const folder = writeTextures(path.join(root, name), { count: 40, seed, contrast });
      const added = await bench.handlers['measure.addFolder']({ folder }, context);
      return { name, parts: [{ kind: 'folder' as const, folderId: added.folder!.id }] };
    };
    const sets = [await part('real', 1, 1), await part('synthetic', 0.1, 2)];
    const draw = () => bench.handlers['lab.map']({ modelId: null, method, sets, most: 400 }, context);
    const [first, second] = [await draw(), await draw()];
    expect(first.points).toEqual(second.points);
    expect(first.points).toHaveLength(80);
    // Flat textures lie close together, the others spread.
    const spread = (name: string) => {
      const own = first.points.filter(({ set }) => set === name);
      const [x, y] = [
        own.reduce((sum, one) => sum + one.x, 0) / own.length,
        own.reduce((sum, one) => sum + one.y, 0) / own.length,
      ];
      return own.reduce((sum, one) => sum + Math.hypot(one.x - x, one.y - y), 0) / own.length;
    };
    if (method === 'pca') expect(spread('real')).toBeGreaterThan(3 * spread('synthetic'));
    else expect(first.explained).toBeNull();
    expect(bench.workspace.log.runs.detail(first.runId)).toMatchObject({ kind: 'map', state: 'done' });
  });
});

describe('the costs of families', () => {
  it('are counted from the graphs of every pack', async () => {
    const { rows } = await bench.handlers['lab.complexity']({}, context);
    const ldm = rows.find(({ modelId }) => modelId === model)!;
    expect(ldm.gflopsPerStep).toBeGreaterThan(0);
    expect(ldm.gflopsDecode).toBeGreaterThan(0);
    expect(ldm.parameters).toBeGreaterThan(1e5);
    expect(rows.map(({ family }) => family)).toContain('wdm');
  });
});
