import { describe, expect, it, vi } from 'vitest';
import { laplacianOfGaussian, undecimatedHaar } from '../../../main/evaluation/radiomics/filters.ts';
import { radiomicsPerImage, radiomicsVector, radiomicsWidth } from '../../../main/evaluation/radiomics/vector.ts';
import { randomFrom } from '../../../main/evaluation/random.ts';
import { standardiser } from '../../../main/evaluation/standardise.ts';
import { radiomicDistance } from '../../../main/handlers/evaluate-radiomics.ts';
import type { Features } from '../../../main/evaluation/features.ts';

// A loaded machine takes many times as long.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const size = { width: 32, height: 32 };
const random = randomFrom(31);
const texture = (grain: number): Float64Array => {
  const [a, b, phase] = [0.2 + 0.3 * random(), 0.2 + 0.3 * random(), 6 * random()];
  return Float64Array.from(
    { length: size.width * size.height },
    (_, i) => 0.5 + 0.2 * Math.sin(a * (i % 32) + b * Math.floor(i / 32) + phase) + grain * (random() - 0.5),
  );
};
const featuresOf = (count: number, grain: number): Features => ({
  values: Float64Array.from(
    Array.from({ length: count }, () => [...radiomicsVector(texture(grain), { ...size, filtered: false })]).flat(),
  ),
  count,
  dimension: radiomicsPerImage,
});

describe('filters of radiomics', () => {
  it('the Laplacian of Gaussian of a paraboloid x² + y² is 4 σ² inside, and of a constant 0', () => {
    const at = (f: (x: number, y: number) => number) =>
      Float64Array.from({ length: 64 * 64 }, (_, i) => f((i % 64) - 32, Math.floor(i / 64) - 32));
    const round = laplacianOfGaussian({ pixels: at((x, y) => x * x + y * y), width: 64, height: 64 }, 2);
    // The sampled kernel is cut at four σ, which costs less than half a per cent.
    expect(Math.abs(round.pixels[32 * 64 + 32]! / 16 - 1)).toBeLessThan(5e-3);
    const flat = laplacianOfGaussian({ pixels: at(() => 7), width: 64, height: 64 }, 2);
    expect(Math.max(...flat.pixels.map(Math.abs))).toBeLessThan(1e-9);
  });

  it('the Haar bands of a step along rows show it in the band that is high along rows only', () => {
    const pixels = Float64Array.from({ length: 256 }, (_, i) => (i % 16 < 8 ? 0 : 1));
    const [, alongRows, alongColumns, both] = undecimatedHaar({ pixels, width: 16, height: 16 });
    expect(Math.max(...alongRows!.pixels.map(Math.abs))).toBeCloseTo(1, 12);
    for (const band of [alongColumns!, both!]) expect(Math.max(...band.pixels.map(Math.abs))).toBeCloseTo(0, 12);
  });
});

it('the features of an image come first, those of its filtered versions after them', () => {
  const image = texture(0.1);
  const all = radiomicsVector(image, { ...size, filtered: true });
  expect(all).toHaveLength(radiomicsWidth);
  expect(all.subarray(0, radiomicsPerImage)).toEqual(radiomicsVector(image, { ...size, filtered: false }));
});

describe('the Fréchet radiomic distance', () => {
  const options = { patients: [], labels: [], repeats: 6, onRepeat: () => undefined };
  const known = (n: number) => ({
    ...options,
    patients: Array.from({ length: n }, () => ''),
    labels: Array.from({ length: n }, () => ''),
  });
  const real = featuresOf(180, 0.1);

  it('of textures from one source lies round its floor, of grainier ones far above', async () => {
    const same = await radiomicDistance(real, featuresOf(170, 0.1), known(180));
    const other = await radiomicDistance(real, featuresOf(170, 0.3), known(180));
    expect(same.atFloor!.excess.low).toBeLessThanOrEqual(0);
    expect(other.atFloor!.excess.low).toBeGreaterThan(0);
    expect(other.value).toBeGreaterThan(5 * same.value!);
    expect(same.note).toContain('of the image alone');
  });

  it('is refused with the reason where there are fewer images than features', async () => {
    const { value, note } = await radiomicDistance(featuresOf(20, 0.1), featuresOf(30, 0.1), known(20));
    expect(value).toBeNull();
    expect(note).toMatch(/20 images and 79 radiomic features/);
  });
});

it('scaling leaves out what does not vary, and gives the set that it is of mean 0 and deviation 1', () => {
  const set: Features = { values: [1, 5, 10, 2, 5, 30, 3, 5, 20], count: 3, dimension: 3 };
  const scaled = standardiser(set)(set);
  expect(scaled.dimension).toBe(2);
  const first = [0, 2, 4].map((i) => scaled.values[i]!);
  expect(first.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12);
  expect(first.reduce((sum, value) => sum + value * value, 0) / 3).toBeCloseTo(1, 12);
  expect(radiomicsWidth % radiomicsPerImage).toBe(0);
});
