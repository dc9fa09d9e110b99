import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { encodePng8 } from '../../../main/imaging/png.ts';
import { randomFrom } from '../../../main/evaluation/random.ts';
import type { EvaluationResult } from '../../../preload/evaluation.ts';
import { generate, realPlace, smallPlace, temporaryFolder, verisim, type Place } from './verisim.ts';

// Each claim starts processes; a loaded machine takes seconds for one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const extractor = 'extractor-brain-mri-128';
const place = realPlace();

/** Smooth random textures, each its own; `channels` 3 writes colour. */
function writeImages(
  count: number,
  { seed = 1, size = 128, channels = 1 as 1 | 3, folder = temporaryFolder() } = {},
): string {
  const random = randomFrom(seed);
  mkdirSync(folder, { recursive: true });
  for (let image = 0; image < count; image++) {
    const waves = Array.from(
      { length: 6 },
      () => [random() * 0.4, random() * 0.4, random() * 6, 12 + 12 * random()] as const,
    );
    const values = Uint8Array.from({ length: size * size * channels }, (_, i) => {
      const [x, y] = [Math.floor(i / channels) % size, Math.floor(i / channels / size)];
      const grey =
        128 + waves.reduce((sum, [a, b, phase, height]) => sum + height * Math.sin(a * x + b * y + phase), 0) / 2;
      return grey + 20 * (i % channels);
    });
    writeFileSync(
      path.join(folder, `${seed}-${image}.png`),
      encodePng8({ width: size, height: size, channels, values }),
    );
  }
  return folder;
}

async function evaluate(
  real: string,
  synthetic: string,
  options: string[] = [],
  at: Place = place,
): Promise<EvaluationResult & { runId: string }> {
  const args = [
    'evaluate',
    '--real',
    real,
    '--synthetic',
    synthetic,
    '--extractor',
    extractor,
    '--bootstrap',
    '10',
    ...options,
    '--json',
  ];
  const { status, stdout, stderr } = await verisim(args, at);
  if (status !== 0) throw new Error(`evaluate ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as EvaluationResult & { runId: string };
}

describe('evaluate', () => {
  const sixty = writeImages(60);

  it('gives each value with n, an interval, the extractor and the floor, or the reason why not', async () => {
    const { n, metrics, failureSignatures, originality, warnings } = await evaluate(
      sixty,
      writeImages(64, { seed: 2 }),
    );
    expect(n).toEqual({ real: 60, synthetic: 64 });
    expect(metrics.fid).toMatchObject({ value: null, note: expect.stringContaining('128 features') });
    expect(metrics.fidInfinity.value).toBeNull();
    for (const name of ['kid', 'mmd', 'precision', 'recall', 'density', 'coverage'] as const) {
      const { value, low, high, floor, extractor: by } = metrics[name];
      expect(by).toBe(extractor);
      expect(floor?.value).toEqual(expect.any(Number));
      expect(low!).toBeLessThanOrEqual(value!);
      expect(high!).toBeGreaterThanOrEqual(value!);
    }
    expect(metrics.msSsim.value).toBeLessThan(0.9);
    expect(failureSignatures?.checkerboard.auc).toBeGreaterThanOrEqual(0);
    expect(originality).toMatchObject({ searched: 60, calibratedOn: 60, copies: [] });
    expect(warnings.join(' ')).toContain('64 of 64 images in the synthetic folder carry no mark');
  });

  it('a set against itself: every image is named as a copy, precision and recall are whole', async () => {
    const { runId, metrics, originality, warnings } = await evaluate(sixty, sixty);
    expect(metrics.precision.value).toBe(1);
    expect(metrics.recall.value).toBe(1);
    expect(originality.copies).toHaveLength(60);
    expect(warnings.join(' ')).toContain('60 of 60 synthetic images are the same as an image of the real folder');
    const { stdout } = await verisim(['runs', 'show', runId, '--json'], place);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ kind: 'evaluation', state: 'done' },
      parameters: { extractorId: extractor, bootstrap: 10, folders: [sixty] },
    });
  });

  it('three images: every value is refused with the reason', async () => {
    const { metrics, originality } = await evaluate(sixty, writeImages(3, { seed: 3 }));
    for (const { value, note } of Object.values(metrics)) {
      expect(value).toBeNull();
      expect(note).toMatch(/Not given/);
    }
    expect(originality.copies).toEqual([]);
  });

  it('other sizes and colour are measured with a warning', async () => {
    const mixed = writeImages(30, { seed: 4, size: 96, channels: 3 });
    writeImages(30, { seed: 5, folder: mixed });
    const { warnings } = await evaluate(sixty, mixed);
    expect(warnings.join(' ')).toMatch(/2 sizes \(128×128, 96×96\)/);
    expect(warnings.join(' ')).toContain('0 real and 30 synthetic images are in colour');
  });

  it('a synthetic file among the real ones is pointed out, and one that is no image is listed', async () => {
    const small = smallPlace();
    const out = temporaryFolder();
    await generate(['--model', 'small', '--count', '1', '--seed', '1', '--out', out], small);
    const real = writeImages(20, { seed: 6 });
    copyFileSync(path.join(out, '0000.png'), path.join(real, 'intruder.png'));
    writeFileSync(path.join(real, 'broken.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]));
    const { warnings, skipped, n } = await evaluate(real, sixty);
    expect(warnings.join(' ')).toContain(
      '1 of 21 images in the real folder are marked as synthetic, intruder.png among them',
    );
    expect(skipped.map(({ path: file }) => path.basename(file))).toEqual(['broken.png']);
    expect(n.real).toBe(21);
  });

  it.each([
    ['an empty folder', ['--real', temporaryFolder(), '--synthetic', sixty], 1, 'EmptyFolder'],
    ['an unknown extractor', ['--real', sixty, '--synthetic', sixty, '--extractor', 'none-such'], 1, 'UnknownModel'],
    ['no synthetic folder', ['--real', sixty], 2, 'WrongUse'],
    ['no extractor where several are installed', ['--real', sixty, '--synthetic', sixty], 2, 'WrongUse'],
  ])('%s ends with a tagged error', async (_title, args, expected, tag) => {
    const named = args.includes('--extractor') || expected === 2 ? args : [...args, '--extractor', extractor];
    const { status, stderr } = await verisim(['evaluate', ...named, '--json'], place);
    expect(status).toBe(expected);
    expect(stderr).toContain(`"${tag}"`);
  });
});
