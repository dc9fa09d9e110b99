import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { families } from '../../../main/diffusion/families/registry.ts';
import { haarPacket, inverseHaarPacket, packetBands } from '../../../main/diffusion/wavelets/haar.ts';

interface Bands {
  cH: number[];
  cV: number[];
  cD: number[];
}
interface Numerics {
  haar2d: {
    cases: ({ shape: [number, number]; x: number[]; cA: number[] } & Bands)[];
    level3: { x: number[]; cA: number[]; details: Bands[] };
  };
}
const folder = process.env['VERISIM_GOLDEN'] ?? 'tests/golden';
const { haar2d } = JSON.parse(readFileSync(path.join(folder, 'numerics.json'), 'utf8')) as Numerics;
const fixture = JSON.parse(readFileSync('models/training/fixtures/haar-packet.json', 'utf8')) as {
  bandOrder: string[];
  image: { shape: [number, number]; values: number[] };
  coefficients: { values: number[] };
};

describe('the Haar transform', () => {
  it.each(haar2d.cases)('of a $shape image is that of PyWavelets', ({ shape: [height, width], x, cA, cV, cH, cD }) => {
    const packet = haarPacket(Float64Array.from(x), { channels: 1, height, width }, packetBands(1));
    expectClose(packet, [...cA, ...cV, ...cH, ...cD], 1e-6);
  });

  it('of three levels is that of PyWavelets, coarsest level first', () => {
    const { x, cA, details } = haar2d.level3;
    const side = Math.sqrt(x.length);
    details.forEach(({ cH, cV, cD }, i) => {
      const levels = details.length - i;
      const order = packetBands(levels);
      const packet = haarPacket(Float64Array.from(x), { channels: 1, height: side, width: side }, order);
      const plane = packet.length / order.length;
      const band = (last: string): Float64Array => {
        const at = order.indexOf([...Array.from({ length: levels - 1 }, () => 'LL'), last].join('.'));
        return packet.slice(at * plane, (at + 1) * plane);
      };
      expectClose(band('LH'), cV, 1e-6);
      expectClose(band('HL'), cH, 1e-6);
      expectClose(band('HH'), cD, 1e-6);
      if (i === 0) expectClose(band('LL'), cA, 1e-6);
    });
  });

  it('as a two-level packet is that of the training code and PyWavelets, in the band order it names', () => {
    const [height, width] = fixture.image.shape;
    const image = Float64Array.from(fixture.image.values);
    const packet = haarPacket(image, { channels: 1, height, width }, fixture.bandOrder);
    expectClose(packet, fixture.coefficients.values, 1e-12);
  });

  it('follows any band order a pack names, and its inverse undoes it', () => {
    const grid = { channels: 2, height: 8, width: 12 };
    const image = Float64Array.from({ length: 192 }, (_, i) => Math.sin(i * i));
    const order = packetBands(2).reverse();
    const packet = haarPacket(image, grid, order);
    const plane = 2 * 3;
    const canonical = haarPacket(image, grid, packetBands(2));
    expectClose(packet.slice(0, plane), [...canonical.slice(15 * plane, 16 * plane)], 0);
    expectClose(inverseHaarPacket(packet, grid, order), [...image], 1e-12);
  });

  it('keeps energy', () => {
    const energy = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);
    const image = Float64Array.from({ length: 256 }, (_, i) => Math.cos(i * 1.7));
    const packet = haarPacket(image, { channels: 1, height: 16, width: 16 }, packetBands(2));
    expect(energy(packet)).toBeCloseTo(energy(image), 9);
  });
});

describe('the families', () => {
  const image = { channels: 1, height: 8, width: 8 };
  const pixels = Float64Array.from(fixture.image.values);
  const wavelet = { bandOrder: packetBands(2), scale: 0.6 };

  it('give back the image they encode', () => {
    for (const family of [families.ddpm, families.wdm]) {
      const space = family?.({ image, wavelet });
      expectClose(space?.decode(space.encode(pixels)) ?? [], [...pixels], 1e-12);
    }
  });

  it('of wavelets noise a smaller grid with one factor for all bands', () => {
    const space = families.wdm?.({ image, wavelet });
    expect(space?.latent).toEqual({ channels: 16, height: 2, width: 2 });
    expect(space?.relativeCost).toBe(1 / 16);
    const scaled = fixture.coefficients.values.map((value) => value * 0.6);
    expectClose(space?.encode(pixels) ?? [], scaled, 1e-12);
  });
});

function expectClose(values: ArrayLike<number>, expected: number[], tolerance: number): void {
  expect(values.length).toBe(expected.length);
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - (values[i] ?? NaN))));
  expect(worst).toBeLessThanOrEqual(tolerance);
}
