import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomFrom } from '../../../main/evaluation/random.ts';
import { probeLatents } from '../../../main/handlers/probe.ts';
import { folderSet } from '../../../main/handlers/measure-sets.ts';
import { testUsefulness } from '../../../main/handlers/usefulness.ts';
import { encodePng8 } from '../../../main/imaging/png.ts';
import { repositoryRoot, smallPlace } from '../cli/verisim.ts';
import { type Bench, context, openBench } from '../handlers/workspace.ts';

const extractorId = 'extractor-chest-xray-128';
const folder = mkdtempSync(path.join(os.tmpdir(), 'verisim-useful-'));
const size = 16;
let bench: Bench;

beforeAll(async () => {
  const place = smallPlace();
  const models = path.join(place.root, 'models');
  cpSync('tests/fixtures/packs/small-ldm', path.join(models, 'small-ldm'), { recursive: true });
  cpSync(path.join(repositoryRoot, 'models', extractorId), path.join(models, extractorId), { recursive: true });
  bench = await openBench(place);
  writeSet('train', { count: 80, seed: 1, patients: 'a' });
  writeSet('test', { count: 60, seed: 2, patients: 'b' });
  writeSet('good', { count: 80, seed: 3, patients: 'c' });
  writeSet('swapped', { count: 80, seed: 4, patients: 'd', swapped: true });
  writeSet('shared', { count: 60, seed: 5, patients: 'b' });
});
afterAll(async () => bench.workspace.close());

/** Noise with a bright left or right half: two classes that any features tell apart; two images a patient. */
function writeSet(
  name: string,
  { count, seed, patients, swapped = false }: { count: number; seed: number; patients: string; swapped?: boolean },
): void {
  const random = randomFrom(seed);
  const rows = ['file,label,patient'];
  mkdirSync(path.join(folder, name));
  for (let image = 0; image < count; image++) {
    const left = image % 2 === 0;
    const values = Uint8Array.from({ length: size * size }, (_, i) => {
      const bright = i % size < size / 2 === left ? 70 : 0;
      return 60 + bright + Math.floor(random() * 90);
    });
    const file = `${image}.png`;
    writeFileSync(path.join(folder, name, file), encodePng8({ width: size, height: size, channels: 1, values }));
    rows.push(`${file},${left === swapped ? 'right' : 'left'},${patients}${Math.floor(image / 2)}`);
  }
  writeFileSync(path.join(folder, name, 'manifest.csv'), rows.join('\n'));
}

function useful(real: string, synthetic: string) {
  const at = (name: string) => folderSet(path.join(folder, name));
  const input = { extractorId, label: 'label', perReal: [0.5, 1, 9], bootstrap: 200, seed: 0 };
  return testUsefulness(
    bench.workspace,
    { ...input, real: at(real), synthetic: at(synthetic), test: at('test') },
    context,
  );
}

describe('the test of usefulness', () => {
  it('finds synthetic images that hold the classes as good to learn from as real ones', async () => {
    const { arms, curve, agreement, n, warnings, runId } = await useful('train', 'good');
    expect(arms.map(({ name }) => name)).toEqual(['real', 'synthetic', 'both']);
    for (const { auc } of arms) {
      expect(auc.value).toBeGreaterThan(0.95);
      expect(auc.high).toBeGreaterThanOrEqual(auc.value);
    }
    expect(arms[1]!.againstReal!.low).toBeLessThanOrEqual(0.02);
    expect(curve.map(({ synthetic }) => synthetic)).toEqual([0, 40, 80]);
    expect(warnings).toEqual([expect.stringContaining('The points 9 of the curve')]);
    expect(agreement.kappa).toBeGreaterThan(0.8);
    expect(agreement.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(80);
    expect(n).toEqual({ train: 80, synthetic: 80, test: 60, testPatients: 30 });
    expect(bench.workspace.log.runs.detail(runId)).toMatchObject({ kind: 'usefulness', state: 'done' });
  });

  it('finds synthetic images of the wrong classes worse than useless', async () => {
    const { arms, agreement } = await useful('train', 'swapped');
    expect(arms[1]!.auc.value).toBeLessThan(0.1);
    expect(arms[1]!.againstReal!.high).toBeLessThan(-0.8);
    expect(agreement.kappa).toBeLessThan(-0.8);
    expect(agreement.accuracy.high).toBeLessThan(agreement.accuracyOnReal.low);
  });

  it('learns from no patient that it tests, and refuses where none is left', async () => {
    await expect(useful('shared', 'good')).rejects.toMatchObject({ tag: 'InvalidInput' });
  });

  it('says the same again', async () => {
    const [first, second] = [await useful('train', 'good'), await useful('train', 'good')];
    expect(second.arms).toEqual(first.arms);
    expect(second.curve).toEqual(first.curve);
  });
});

describe('the probe of latents', () => {
  const input = { label: 'label', folds: 4, most: 60, bootstrap: 100, seed: 0 };

  it('compares latents with pixels, with as few pixels, and with random sums, on the same patients', async () => {
    const data = folderSet(path.join(folder, 'train'));
    const result = await probeLatents(bench.workspace, { ...input, data, modelIds: ['small-ldm'] }, context);
    expect(result.rows.map(({ kind }) => kind)).toEqual(['pixels', 'latents', 'pooled', 'projected']);
    expect(result.n).toMatchObject({ images: 60, patients: 30 });
    expect(result.rows[0]!.auc.value).toBeGreaterThan(0.95);
    expect(result.rows[0]!.againstPixels).toBeNull();
    expect(result.rows[1]).toMatchObject({ modelId: 'small-ldm', title: 'Latents of small-ldm' });
    for (const { auc, classAuc } of result.rows) {
      expect(auc.low).toBeLessThanOrEqual(auc.value);
      expect(classAuc.map(({ label }) => label)).toEqual(['left', 'right']);
    }
    expect(result.warnings).toEqual([expect.stringContaining('60 of 80 images were used')]);
  });

  it('refuses a model without latents, and a folder without classes', async () => {
    const data = folderSet(path.join(folder, 'train'));
    const wavelets = probeLatents(bench.workspace, { ...input, data, modelIds: ['small'] }, context);
    await expect(wavelets).rejects.toMatchObject({
      tag: 'InvalidInput',
      message: expect.stringContaining('no latents') as string,
    });
    const strange = probeLatents(bench.workspace, { ...input, data, label: 'none', modelIds: ['small-ldm'] }, context);
    await expect(strange).rejects.toMatchObject({ tag: 'InvalidInput' });
  });
});
