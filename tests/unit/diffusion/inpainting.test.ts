import { describe, expect, it } from 'vitest';
import type { Inpainting } from '../../../preload/generation-request.ts';
import type { KnownRegion, Move } from '../../../main/diffusion/inpainting.ts';
import { impose, knownCells, returnToNoise, samplingMoves } from '../../../main/diffusion/inpainting.ts';
import { gaussianNoise } from '../../../main/diffusion/noise.ts';
import { samplers } from '../../../main/diffusion/samplers/registry.ts';
import { levelAfter } from '../../../main/diffusion/samplers/sampler.ts';
import { alphasCumulative } from '../../../main/diffusion/schedule.ts';
import { joinSeamlessly } from '../../../main/diffusion/seamless.ts';

const repaint = (jumpLength: number, resamples: number) => ({ method: 'repaint', jumpLength, resamples }) as const;
const masked = { method: 'masked', jumpLength: 10, resamples: 10 } as const;
const calls = (moves: Move[]): number[] => moves.flatMap((move) => (move.kind === 'call' ? [move.index] : []));

describe('the moves of RePaint', () => {
  const plain = { calls: 250, callsPerStep: 1, first: 0 };

  it('are 2,410 calls for 250 steps with jumps of 10 and 10 resamples', () => {
    const moves = samplingMoves(plain, repaint(10, 10));
    expect(calls(moves).length).toBe(2410);
    expect(moves.filter((move) => move.kind === 'return').length).toBe(24 * 9);
  });

  it('go back over a stretch as often as was asked for', () => {
    const moves = samplingMoves({ calls: 5, callsPerStep: 1, first: 0 }, repaint(2, 2));
    expect(calls(moves)).toEqual([0, 1, 2, 1, 2, 3, 4, 3, 4]);
    expect(moves[3]).toEqual({ kind: 'return', from: 2, to: 1, draw: 4 });
  });

  it('are the plain steps without resampling, from a late start and in the masked variant', () => {
    expect(calls(samplingMoves(plain, repaint(10, 1)))).toEqual(Array.from({ length: 250 }, (_, i) => i));
    expect(calls(samplingMoves({ ...plain, first: 240 }, repaint(4, 2)))[0]).toBe(240);
    expect(samplingMoves({ ...plain, first: 248 }, masked)).toEqual([
      { kind: 'call', index: 248, draw: 249 },
      { kind: 'call', index: 249, draw: 250 },
    ]);
    expect(samplingMoves({ ...plain, first: 250 }, repaint(10, 10))).toEqual([]);
  });

  it('keep the two calls of a step of Heun’s method together, and never draw the same noise twice', () => {
    const moves = samplingMoves({ calls: 9, callsPerStep: 2, first: 0 }, repaint(2, 2));
    expect(calls(moves)).toEqual([0, 1, 2, 3, 4, 5, 2, 3, 4, 5, 6, 7, 8, 6, 7, 8]);
    expect(new Set(moves.map(({ draw }) => draw)).size).toBe(moves.length);
  });
});

describe('going back to noise', () => {
  it('has the share of signal and the variance of the noisier level', () => {
    const noise = gaussianNoise(3, 1, 50_000);
    const [from, to] = [
      { signal: 0.8, noise: 0.6 },
      { signal: 0.28, noise: 0.96 },
    ];
    const sample = gaussianNoise(3, 0, 50_000).map((z) => from.signal * 2 + from.noise * z);
    returnToNoise(sample, { from, to }, noise);
    const mean = sample.reduce((sum, x) => sum + x, 0) / sample.length;
    const variance = sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / sample.length;
    expect(Math.abs(mean - to.signal * 2)).toBeLessThan(0.015);
    expect(Math.abs(Math.sqrt(variance) - to.noise)).toBeLessThan(0.015);
  });
});

describe('a mask on the denoised grid', () => {
  it('knows a cell only if all its pixels and all their neighbours are known', () => {
    const unknown = new Uint8Array(64);
    unknown[2 * 8 + 5] = 1;
    const image = { channels: 1, height: 8, width: 8 };
    const cells = [1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
    expect([...knownCells(unknown, image, { channels: 4, height: 4, width: 4 })]).toEqual(
      Array.from({ length: 4 }, () => cells).flat(),
    );
    const pixels = knownCells(unknown, image, image);
    expect([...pixels.keys()].filter((i) => pixels[i] === 0)).toEqual([12, 13, 14, 20, 21, 22, 28, 29, 30]);
  });
});

/** Two values with correlation ρ, one of them known: what is made must follow the conditional distribution. */
describe('inpainting on correlated normal data', () => {
  const correlation = 0.9;
  const pairs = 4000;
  const knownValue = 1.2;
  const alphas = alphasCumulative({
    steps: 1000,
    kind: 'linear',
    betaStart: 1e-4,
    betaEnd: 0.02,
    zeroTerminalSnr: false,
  });

  function conditionalMoments(inpainting: Pick<Inpainting, 'method' | 'jumpLength' | 'resamples'>) {
    const length = 2 * pairs;
    const plan = samplers.ddpm.plan({ alphas, count: 50, spacing: 'trailing' });
    const start = () => samplers.ddpm.start({ alphas, plan, prediction: 'sample', length, constrain: null });
    let run = start();
    const sample = gaussianNoise(5, 0, length);
    const region: KnownRegion = {
      clean: Float64Array.from({ length }, (_, i) => (i % 2 === 0 ? knownValue : 0)),
      known: Uint8Array.from({ length }, (_, i) => (i % 2 === 0 ? 1 : 0)),
    };
    for (const move of samplingMoves({ calls: 50, callsPerStep: 1, first: 0 }, inpainting)) {
      const noise = gaussianNoise(5, move.draw, length);
      if (move.kind === 'return') {
        const to = plan.levels[move.to] ?? plan.end;
        returnToNoise(sample, { from: levelAfter(plan, move.from), to }, noise);
        run = start();
        continue;
      }
      const level = plan.levels[move.index] ?? plan.end;
      run.step(move.index, bestClean(sample, level), sample, () => noise);
      impose(sample, region, levelAfter(plan, move.index), noise);
    }
    const made = Array.from({ length: pairs }, (_, i) => sample[2 * i + 1] ?? NaN);
    expect(sample[0]).toBe(knownValue);
    const mean = made.reduce((sum, x) => sum + x, 0) / pairs;
    return { mean, deviation: Math.sqrt(made.reduce((sum, x) => sum + (x - mean) ** 2, 0) / pairs) };
  }

  /** E[x0 | x] for pairs of variance 1 and the correlation above, along the two directions (1, 1) and (1, −1). */
  function bestClean(sample: Float64Array, { signal, noise }: { signal: number; noise: number }): Float64Array {
    const gain = (variance: number): number => (signal * variance) / (signal ** 2 * variance + noise ** 2);
    const [sum, difference] = [gain(1 + correlation), gain(1 - correlation)];
    return sample.map((x, i) => {
      const other = sample[i % 2 === 0 ? i + 1 : i - 1] ?? 0;
      return (sum * (x + other) + difference * (x - other)) / 2;
    });
  }

  it('leads from the cheap masked variant towards the conditional mean, and RePaint nearly reaches it', () => {
    const expected = correlation * knownValue;
    const cheap = conditionalMoments(masked);
    const careful = conditionalMoments(repaint(5, 8));
    expect(cheap.mean).toBeGreaterThan(0.4 * expected);
    expect(Math.abs(careful.mean - expected)).toBeLessThan(0.08);
    expect(Math.abs(careful.mean - expected)).toBeLessThan(Math.abs(cheap.mean - expected));
    expect(careful.deviation).toBeGreaterThan(0.3);
    expect(careful.deviation).toBeLessThan(0.65);
  });
});

describe('joining what was made with the source', () => {
  const grid = { channels: 2, height: 24, width: 20 };
  const plane = grid.height * grid.width;
  const unknown = Uint8Array.from({ length: plane }, (_, i) => {
    const [x, y] = [i % grid.width, Math.floor(i / grid.width)];
    return x >= 6 && x < 15 && y >= 5 ? 1 : 0;
  });
  const source = Float32Array.from({ length: 2 * plane }, (_, i) => Math.sin(i * 0.1) + (i % grid.width) * 0.05);

  it('keeps every value outside the mask exactly, and leaves no seam where the two differ smoothly', () => {
    const detail = (i: number): number => (unknown[i % plane] === 0 ? 0 : 0.01 * Math.cos(i));
    const made = source.map((value, i) => value + 0.8 + 0.02 * (i % grid.width) + detail(i));
    joinSeamlessly(made, source, unknown, grid);
    made.forEach((value, i) => {
      if (unknown[i % plane] === 0) expect(value).toBe(source[i]);
      else expect(Math.abs(value - (source[i] ?? 0) - detail(i))).toBeLessThan(0.03);
    });
  });

  it('leaves what was made as it is where nothing is known', () => {
    const made = source.map((value) => value + 1);
    const before = made.slice();
    joinSeamlessly(made, source, new Uint8Array(plane).fill(1), grid);
    expect(made).toEqual(before);
  });
});
