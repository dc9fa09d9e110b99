import { randomFrom } from '../../main/evaluation/random.ts';

/** Ways to hide a copy of an image of `side` × `side` values in 0…1. */
export type Plant = (pixels: Float32Array) => Float32Array;

const clipped = (value: number): number => Math.min(1, Math.max(0, value));

/** What a generator may do to an image that it repeats; noise is drawn from `seed`. */
export function plantsOf(side: number, seed: number): Record<string, Plant> {
  const random = randomFrom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const inside = (place: number): number => Math.min(side - 1, Math.max(0, place));
  return {
    exact: (pixels) => pixels.slice(),
    mirrored: (pixels) => pixels.map((_, i) => pixels[i - (i % side) + side - 1 - (i % side)]!),
    'shifted by 7 and 5 pixels': (pixels) =>
      pixels.map((_, i) => pixels[inside(Math.floor(i / side) + 5) * side + inside((i % side) - 7)]!),
    'with noise of 4 %': (pixels) => pixels.map((value) => clipped(value + 0.04 * normal())),
    're-windowed': (pixels) => {
      const [low, high] = ownRange(pixels);
      return pixels.map((value) => clipped(((value - low) / (high - low) - 0.5) * 1.6 + 0.45));
    },
    'with another gamma': (pixels) => pixels.map((value) => value ** 1.7),
  };
}

/** Where the window of an image would be set: its 1st and 99th percentile. */
function ownRange(pixels: Float32Array): [low: number, high: number] {
  const sorted = pixels.toSorted();
  const [low = 0, high = 1] = [sorted[Math.floor(0.01 * sorted.length)], sorted[Math.floor(0.99 * sorted.length)]];
  return [low, Math.max(high, low + 1e-3)];
}
