import { describe, expect, it } from 'vitest';
import { applyGuidance } from '../../../main/diffusion/guidance.ts';
import { addNoise, skippedSteps } from '../../../main/diffusion/image-to-image.ts';

const unconditional = Float32Array.from([0, 1, 2, 5]);
const conditional = Float32Array.from([1, 1, 4, 2]);

function guided(weight: number, rescale?: number): number[] {
  const output = new Float32Array(4);
  applyGuidance(rescale === undefined ? { weight } : { weight, rescale }, unconditional, conditional, output);
  return [...output];
}

describe('guidance', () => {
  it('of weight 1 is the conditional output, of 0 the unconditional one', () => {
    expect(guided(1)).toEqual([...conditional]);
    expect(guided(0)).toEqual([...unconditional]);
  });

  it('goes beyond the conditional output by the weight', () => {
    expect(guided(3)).toEqual([3, 1, 8, -4]);
  });

  it('rescaled fully has the standard deviation of the conditional output', () => {
    const deviation = (values: number[]): number => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    };
    expect(deviation(guided(3, 1))).toBeCloseTo(deviation([...conditional]), 5);
    expect(guided(3, 0.5)[2]).toBeCloseTo((8 * (1 + deviation([...conditional]) / deviation(guided(3)))) / 2, 4);
  });
});

describe('image to image', () => {
  it('runs the last int(steps · strength) steps', () => {
    expect(skippedSteps(50, 0.8)).toBe(10);
    expect(skippedSteps(10, 0.05)).toBe(10);
    expect(skippedSteps(20, 1)).toBe(0);
    expect(skippedSteps(20, 0)).toBe(20);
  });

  it('starts from the source mixed with noise at the level of the first step', () => {
    const sample = Float64Array.from([1, -2]);
    addNoise(sample, Float64Array.from([0.5, 1]), { signal: 0.6, noise: 0.8 });
    expect(sample[0]).toBeCloseTo(1, 12);
    expect(sample[1]).toBeCloseTo(-0.4, 12);
  });
});
