import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../../main/evaluation/random.ts';
import { spectralShape } from '../../../main/evaluation/spectral-shape.ts';

const [width, height] = [32, 24];

/** Blots within the middle, so that a shift loses nothing. */
function blots(seed: number): Float32Array {
  const random = randomFrom(seed);
  const places = Array.from({ length: 12 }, () => [9 + 14 * random(), 8 + 8 * random(), random() - 0.5] as const);
  return Float32Array.from({ length: width * height }, (_, i) =>
    places.reduce((sum, [x, y, value]) => {
      const apart = (i % width) - x;
      return sum + value * Math.exp(-(apart ** 2 + (Math.floor(i / width) - y) ** 2) / 2);
    }, 0),
  );
}
const moved = (pixels: Float32Array, x: number, y: number): Float32Array =>
  pixels.map((_, i) => pixels[(i + x + y * width + pixels.length) % pixels.length]!);
const mirroredAcross = (pixels: Float32Array): Float32Array =>
  pixels.map((_, i) => pixels[i - (i % width) + width - 1 - (i % width)]!);
const shapeOf = (pixels: Float32Array) => spectralShape({ pixels, width, height });
const likeness = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('the spectral shape', () => {
  it('of a shifted, brighter and mirrored picture is that of the picture, and of no other', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const original = shapeOf(blots(seed));
      const copy = moved(blots(seed), 3, -2).map((value) => 3 * value + 1);
      const others = Array.from({ length: 20 }, (_, other) =>
        likeness(shapeOf(blots(100 + other)).shape, original.shape),
      );
      expect(likeness(shapeOf(copy).shape, original.shape)).toBeGreaterThan(Math.max(0.6, ...others));
      const mirrored = shapeOf(mirroredAcross(blots(seed)));
      // The window is not its own mirror image to the last pixel.
      expect(likeness(mirrored.turned, original.shape)).toBeGreaterThan(0.95);
      expect(likeness(mirrored.shape, original.turned)).toBeGreaterThan(0.95);
    }
  });

  it('has length 1, and of an empty picture is zero', () => {
    expect(Math.hypot(...shapeOf(blots(1)).shape)).toBeCloseTo(1, 5);
    expect(Math.hypot(...shapeOf(new Float32Array(width * height)).shape)).toBeCloseTo(0, 5);
  });
});
