import { describe, expect, it } from 'vitest';
import { equaliseCase } from '../../../main/review/equalise.ts';
import { casesIn, goldenFiles } from '../evaluation/golden.ts';

/** Smooth random fields of the third-party values, 192 × 192, cut into tiles of 64. */
const fields = goldenFiles().flatMap(({ content }) =>
  casesIn<{ shape: number[]; a: number[]; b: number[] }>(content['msssim']),
);
const grid = { width: 64, height: 64 };
const tiles = fields.flatMap(({ shape, a, b }) => [a, b].flatMap((image) => cut(image, shape[1]!)));

function cut(image: number[], width: number): Float32Array[] {
  const perSide = Math.floor(width / grid.width);
  return Array.from({ length: perSide ** 2 }, (_, tile) => {
    const top = Math.floor(tile / perSide) * grid.height;
    const left = (tile % perSide) * grid.width;
    return Float32Array.from(
      { length: grid.width * grid.height },
      (_, i) => image[(top + Math.floor(i / grid.width)) * width + left + (i % grid.width)]!,
    );
  });
}

describe('an equalised case', () => {
  const tile = tiles[0]!;
  const shown = equaliseCase({ pixels: tile, grid, size: 200 });

  it('has 8 bits at the size asked for', () => {
    expect(shown.pixels).toBeInstanceOf(Uint8Array);
    expect([shown.width, shown.height, shown.pixels.length]).toEqual([200, 200, 40_000]);
  });

  it('does not depend on unit, offset or bit depth of the source: Hounsfield, 16-bit and 0…1 look the same', () => {
    const inHounsfield = tile.map((value) => Math.fround(value * 2000 - 1000));
    const other = equaliseCase({ pixels: inHounsfield, grid, size: 200 }).pixels;
    expect(shown.pixels.every((value, index) => Math.abs(value - other[index]!) <= 1)).toBe(true);
  });

  it('reaches black and white by percentiles 1 and 99, so that one stray pixel does not dim the rest', () => {
    const stray = tile.slice();
    stray[2000] = 1e6;
    expect(Math.max(...shown.pixels)).toBe(255);
    expect(Math.min(...shown.pixels)).toBe(0);
    const changed = equaliseCase({ pixels: stray, grid, size: 200 }).pixels.filter(
      (value, i) => Math.abs(value - shown.pixels[i]!) > 2,
    );
    expect(changed.length).toBeLessThan(400);
  });

  it('keeps the field of view: a symmetric image stays symmetric, a ramp stays a ramp', () => {
    const ramp = Float32Array.from({ length: 64 * 64 }, (_, i) => i % 64);
    const { pixels } = equaliseCase({ pixels: ramp, grid, size: 256 });
    const row = [...pixels.subarray(0, 256)];
    expect(row.map((value, x) => value + row[255 - x]!).every((sum) => Math.abs(sum - 255) <= 1)).toBe(true);
    expect(row.every((value, x) => x === 0 || value >= row[x - 1]!)).toBe(true);
  });

  it('an oblong grid keeps its shape, an image of one value is black', () => {
    const flat = equaliseCase({
      pixels: new Float32Array(64 * 32).fill(9),
      grid: { width: 64, height: 32 },
      size: 128,
    });
    expect([flat.width, flat.height]).toEqual([128, 64]);
    expect(flat.pixels.every((value) => value === 0)).toBe(true);
  });

  it('refuses pixels that are not on the grid, and a size that would shrink it', () => {
    expect(() => equaliseCase({ pixels: tile, grid: { width: 181, height: 217 }, size: 512 })).toThrow(/4096 pixels/);
    expect(() => equaliseCase({ pixels: tile, grid, size: 32 })).toThrow(/64 pixels or more/);
  });
});
