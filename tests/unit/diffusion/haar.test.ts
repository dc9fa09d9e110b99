import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { families } from '../../../main/diffusion/families/registry.ts';
import { haarPacket, inverseHaarPacket, packetBands } from '../../../main/diffusion/wavelets/haar.ts';
import { split } from '../../../main/diffusion/wavelets/transform.ts';

const fixture = JSON.parse(readFileSync('models/training/fixtures/haar-packet.json', 'utf8')) as {
  bandOrder: string[];
  image: { shape: [number, number]; values: number[] };
  coefficients: { values: number[] };
};

describe('the Haar transform', () => {
  it('names its bands as the general transform does, which follows PyWavelets', () => {
    const grid = { channels: 1, height: 6, width: 10 };
    const image = Float64Array.from({ length: 60 }, (_, i) => Math.sin(i * i));
    const bands = split({ shape: [6, 10], values: image }, { wavelet: 'haar', mode: 'periodization' });
    const ordered = ['aa', 'ad', 'da', 'dd'].flatMap((key) => [...(bands.get(key)?.values ?? [])]);
    expectClose(haarPacket(image, grid, packetBands(1)), ordered, 1e-12);
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
      const space = family.space({ image, wavelet, autoencoder: null });
      expectClose(space?.decode(space.encode(pixels)) ?? [], [...pixels], 1e-12);
    }
  });

  it('of wavelets noise a smaller grid with one factor for all bands', () => {
    const space = families.wdm.space({ image, wavelet, autoencoder: null });
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
