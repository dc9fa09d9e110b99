import { describe, expect, it } from 'vitest';
import { clip, thresholdBetween, thresholdDynamically } from '../../../main/diffusion/constrain.ts';

describe('a predicted clean sample', () => {
  it('is clipped to the range of images', () => {
    const values = Float64Array.from([-3, -0.5, 0, 2]);
    clip(values, -1, 1);
    expect([...values]).toEqual([-1, -0.5, 0, 1]);
  });

  it('is thresholded at a percentile of its absolute values, ranks interpolated, and scaled back', () => {
    // numpy.quantile(abs, 0.6) of these five values is 2.4; larger ones become ±1.
    const values = Float64Array.from([0, -1, 2, 3, -4]);
    thresholdDynamically(values, { percentile: 0.6, largest: 100 });
    [0, -1 / 2.4, 2 / 2.4, 1, -1].forEach((expected, i) => expect(values[i]).toBeCloseTo(expected, 12));
  });

  it('is only clipped where the percentile lies within the range, and never scaled beyond the largest', () => {
    const small = Float64Array.from([0.1, -0.2, 0.3, 5]);
    thresholdDynamically(small, { percentile: 0.5, largest: 10 });
    expect([...small]).toEqual([0.1, -0.2, 0.3, 1]);
    const bounded = Float64Array.from([8, -8, 8, 1]);
    thresholdDynamically(bounded, { percentile: 1, largest: 2 });
    expect([...bounded]).toEqual([1, -1, 1, 0.5]);
  });

  it('of another range is thresholded about the middle of it', () => {
    const values = Float64Array.from([0, 0.5, 1.5]);
    thresholdBetween(values, { low: 0, high: 1, percentile: 1, largest: 100 });
    [0.25, 0.5, 1].forEach((expected, i) => expect(values[i]).toBeCloseTo(expected, 12));
  });
});
