import { describe, expect, it } from 'vitest';
import { gaussianNoise, philox4x32 } from '../../../main/diffusion/noise.ts';

describe('noise', () => {
  it('is Philox4x32-10: the known answers of Random123', () => {
    expect(philox4x32([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    const ones = 0xffffffff;
    expect(philox4x32([ones, ones, ones, ones], [ones, ones])).toEqual([
      0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
    ]);
    expect(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });

  it('has the moments of a standard normal distribution', () => {
    const values = gaussianNoise(5, 0, 400_000);
    const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.006);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.01);
    expect(Math.abs(moment(3))).toBeLessThan(0.025);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.06);
  });

  it('of one seed and draw does not depend on how much of it is used', () => {
    expect([...gaussianNoise(7, 3, 1000).slice(0, 11)]).toEqual([...gaussianNoise(7, 3, 11)]);
  });

  it('differs between neighbouring seeds and draws', () => {
    const correlation = (a: Float64Array, b: Float64Array): number =>
      a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0) / a.length;
    const values = gaussianNoise(7, 0, 100_000);
    expect(Math.abs(correlation(values, gaussianNoise(8, 0, 100_000)))).toBeLessThan(0.012);
    expect(Math.abs(correlation(values, gaussianNoise(7, 1, 100_000)))).toBeLessThan(0.012);
  });
});
