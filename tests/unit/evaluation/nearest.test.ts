import { describe, expect, it } from 'vitest';
import { nearestImages } from '../../../main/evaluation/nearest.ts';
import { goldenCases } from './golden.ts';

const { a, b, mse } = goldenCases<{ a: number[]; b: number[]; mse: number }>('similarity')[0]!;
const left = Float32Array.from(a);
const right = Float32Array.from(b);

/** Mixes the two golden images, so that the candidate's distance from `left` is `share` of theirs. */
const mixed = (share: number) => left.map((value, index) => value + share * (right[index]! - value));

describe('nearest images', () => {
  it('come best first, with the root-mean-square distance in 0…1', () => {
    const shares = [0.9, 0.1, 0.5, 0, 0.7, 1];
    const found = nearestImages(
      left,
      shares.map((share) => ({ key: share, pixels: mixed(share) })),
      3,
    );
    expect(found.map(({ key }) => key)).toEqual([0, 0.1, 0.5]);
    expect(found[0]).toEqual({ key: 0, distance: 0, correlation: 1 });
    expect(found[2]!.distance).toBeCloseTo(0.5 * Math.sqrt(mse), 6);
    expect(found[1]!.correlation).toBeGreaterThan(found[2]!.correlation);
  });

  it('a negative correlates with −1 and a flat image with 0', () => {
    const negative = left.map((value) => 1 - value);
    const flat = new Float32Array(left.length);
    const found = nearestImages(
      left,
      [
        { key: 'negative', pixels: negative },
        { key: 'flat', pixels: flat },
      ],
      2,
    );
    const of = (key: string) => found.find((one) => one.key === key)!.correlation;
    expect(of('negative')).toBeCloseTo(-1, 10);
    expect(of('flat')).toBe(0);
  });

  it('of equal candidates the earlier comes first, and fewer candidates than asked for are fine', () => {
    const found = nearestImages(
      left,
      ['x', 'y'].map((key) => ({ key, pixels: right })),
      5,
    );
    expect(found.map(({ key }) => key)).toEqual(['x', 'y']);
    expect(nearestImages(left, [], 3)).toEqual([]);
  });

  it('gives what a full search gives, over 512 candidates', () => {
    const candidates = Array.from({ length: 512 }, (_, key) => ({ key, pixels: mixed(((key * 197) % 512) / 512) }));
    const full = candidates.toSorted((one, other) => rms(one.pixels) - rms(other.pixels)).slice(0, 10);
    expect(nearestImages(left, candidates, 10).map(({ key }) => key)).toEqual(full.map(({ key }) => key));
  });

  it('refuses a candidate on another grid', () => {
    expect(() => nearestImages(left, [{ key: 0, pixels: new Float32Array(3) }], 1)).toThrow(/3 pixels/);
  });
});

function rms(pixels: Float32Array): number {
  return Math.sqrt(pixels.reduce((sum, value, index) => sum + (value - left[index]!) ** 2, 0) / pixels.length);
}
