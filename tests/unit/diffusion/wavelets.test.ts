import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bandEnergies } from '../../../main/diffusion/wavelets/band-energy.ts';
import type { ExtensionMode } from '../../../main/diffusion/wavelets/extend.ts';
import type { WaveletName } from '../../../main/diffusion/wavelets/filters.ts';
import { waveletFilters } from '../../../main/diffusion/wavelets/filters.ts';
import {
  decompose,
  largestLevel,
  packet,
  recompose,
  recomposePacket,
} from '../../../main/diffusion/wavelets/multi-level.ts';
import type { Block } from '../../../main/diffusion/wavelets/transform.ts';
import { merge, split } from '../../../main/diffusion/wavelets/transform.ts';

interface Named {
  wavelet?: WaveletName;
  mode?: ExtensionMode;
  shape?: number[];
  x: number[];
}
interface Image extends Named {
  cA: number[];
  cH: number[];
  cV: number[];
  cD: number[];
}
interface Levels extends Named {
  cA: number[];
  details: { cH: number[]; cV: number[]; cD: number[] }[];
}
interface Golden {
  haar2d?: { cases?: Image[]; level3?: Levels };
  haar3d?: Named & { bands: Record<string, number[]> };
  otherWavelets?: Image[];
  dwtn?: (Named & { bands: Record<string, { shape: number[]; values: number[] }> })[];
  wavedecn?: (Named & { levels: number; low: number[]; details: Record<string, number[]>[] })[];
  packet2d?: (Named & { levels: number; nodes: Record<string, number[]> })[];
}

/** The files that hold wavelets; a folder of unseen cases need not have both. */
const folder = process.env['VERISIM_GOLDEN'] ?? 'tests/golden';
const golden: Golden = Object.assign(
  {},
  ...['numerics.json', 'wavelets.json']
    .map((name) => path.join(folder, name))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Golden),
) as Golden;

const keysOfPyWavelets = { a: 'aa', h: 'da', v: 'ad', d: 'dd' } as const;

function blockOf({ x, shape }: Named): Block {
  const side = Math.sqrt(x.length);
  return { shape: shape ?? [side, side], values: Float64Array.from(x) };
}

function settingsOf({ wavelet = 'haar', mode = 'periodization' }: Named) {
  return { wavelet, mode };
}

function titled<Case extends Named>(cases: Case[] | undefined): { title: string; golden: Case }[] {
  return (cases ?? []).map((one, i) => {
    const { wavelet, mode } = settingsOf(one);
    return { title: `${i}: ${wavelet}, ${mode}, ${blockOf(one).shape.join(' × ')}`, golden: one };
  });
}

describe('a wavelet transform is that of PyWavelets', () => {
  const images = [...(golden.haar2d?.cases ?? []), ...(golden.otherWavelets ?? [])];
  it.each(titled(images))('one level of the image $title', ({ golden: image }) => {
    const bands = split(blockOf(image), settingsOf(image));
    expectClose(bands.get('aa'), image.cA);
    expectClose(bands.get('da'), image.cH);
    expectClose(bands.get('ad'), image.cV);
    expectClose(bands.get('dd'), image.cD);
  });

  it.each(titled(golden.haar3d ? [golden.haar3d] : []))('one level of the volume $title', ({ golden: volume }) => {
    const bands = split(blockOf(volume), settingsOf(volume));
    for (const [key, values] of Object.entries(volume.bands)) expectClose(bands.get(key), values);
  });

  it.each(titled(golden.dwtn))('one level of $title, and back', ({ golden: one }) => {
    const block = blockOf(one);
    const settings = settingsOf(one);
    const bands = split(block, settings);
    expect([...bands.keys()].sort()).toEqual(Object.keys(one.bands).sort());
    for (const [key, { shape, values }] of Object.entries(one.bands)) {
      expect(bands.get(key)?.shape).toEqual(shape);
      expectClose(bands.get(key), values);
    }
    expectClose(merge(bands, block.shape, settings), one.x, 1e-10);
  });

  const haarLevels = golden.haar2d?.level3;
  it.each(titled(haarLevels ? [haarLevels] : []))('several levels of the image $title', ({ golden: image }) => {
    const levels = image.details.length;
    const { approximation, details } = decompose(blockOf(image), { ...settingsOf(image), levels });
    expectClose(approximation, image.cA);
    image.details.forEach(({ cH, cV, cD }, i) => {
      expectClose(details[i]?.get('da'), cH);
      expectClose(details[i]?.get('ad'), cV);
      expectClose(details[i]?.get('dd'), cD);
    });
  });

  it.each(titled(golden.wavedecn))('several levels of $title, and back', ({ golden: one }) => {
    const decomposition = decompose(blockOf(one), { ...settingsOf(one), levels: one.levels });
    expectClose(decomposition.approximation, one.low);
    one.details.forEach((level, i) => {
      for (const [key, values] of Object.entries(level)) expectClose(decomposition.details[i]?.get(key), values);
    });
    expectClose(recompose(decomposition), one.x, 1e-10);
  });

  it.each(titled(golden.packet2d))('packet of $title, and back', ({ golden: one }) => {
    const parts = packet(blockOf(one), { ...settingsOf(one), levels: one.levels });
    expect(parts.bands.size).toBe(4 ** one.levels);
    for (const [letters, values] of Object.entries(one.nodes)) {
      const name = [...letters].map((letter) => keysOfPyWavelets[letter as keyof typeof keysOfPyWavelets]).join('.');
      expectClose(parts.bands.get(name), values);
    }
    expectClose(recomposePacket(parts), one.x, 1e-10);
  });

  const image: Block = {
    shape: [24, 40],
    values: Float64Array.from({ length: 960 }, (_, i) => Math.sin(i * 0.37) + Math.cos((i % 40) * 1.9)),
  };

  it('that is orthogonal keeps energy, and names where it lies', () => {
    const energy = image.values.reduce((sum, value) => sum + value * value, 0);
    for (const wavelet of ['haar', 'db2', 'db4'] as const) {
      const energies = bandEnergies(decompose(image, { wavelet, mode: 'periodization', levels: 3 }));
      expect(energies.length).toBe(10);
      expect(energies[0]).toMatchObject({ level: 3, key: 'aa' });
      expect(energies.reduce((sum, band) => sum + band.energy, 0)).toBeCloseTo(energy, 8);
      expect(energies.reduce((sum, band) => sum + band.share, 0)).toBeCloseTo(1, 12);
    }
  });

  it('finds nothing fine in what is constant', () => {
    const flat: Block = { shape: [16, 16], values: new Float64Array(256).fill(3) };
    for (const wavelet of Object.keys(waveletFilters) as WaveletName[]) {
      const [low, ...others] = bandEnergies(decompose(flat, { wavelet, mode: 'symmetric', levels: 1 }));
      expect(low?.share).toBeCloseTo(1, 10);
      for (const { share } of others) expect(share).toBeLessThan(1e-20);
    }
  });

  it('goes no deeper than the filter is long', () => {
    expect(largestLevel(128, 'haar')).toBe(7);
    expect(largestLevel(128, 'db4')).toBe(4);
    expect(largestLevel(2, 'db2')).toBe(0);
  });

  it('of nothing is refused', () => {
    const nothing: Block = { shape: [0, 4], values: new Float64Array(0) };
    expect(() => split(nothing, { wavelet: 'haar', mode: 'zero' })).toThrow(/at least one value/);
  });
});

/** The files hold about nine digits. */
function expectClose(block: Block | undefined, expected: number[], tolerance = 1e-6): void {
  expect(block?.values.length).toBe(expected.length);
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - (block?.values[i] ?? NaN))));
  expect(worst).toBeLessThanOrEqual(tolerance);
}
