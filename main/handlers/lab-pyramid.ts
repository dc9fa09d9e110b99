import type { Decomposition } from '../diffusion/wavelets/multi-level.ts';
import type { Block } from '../diffusion/wavelets/transform.ts';

interface Picture {
  pixels: Float32Array;
  width: number;
  height: number;
}

/** The bands in the places of Mallat's pyramid: the approximation top left, each level round it. In 0…1; zero is middle grey in a detail band. */
export function pyramidOf({ approximation, details }: Decomposition): Picture {
  let inner = pictureOf(approximation, spanOf(approximation));
  for (const bands of details) {
    const [right, below, corner] = ['ad', 'da', 'dd'].map((key) => {
      const band = bands.get(key)!;
      const most = band.values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
      return pictureOf(band, [-most, most]);
    }) as [Picture, Picture, Picture];
    const column = Math.max(inner.width, below.width);
    const row = Math.max(inner.height, right.height);
    const width = column + right.width;
    const height = row + below.height;
    const pixels = new Float32Array(width * height);
    for (const [picture, x, y] of [
      [inner, 0, 0],
      [right, column, 0],
      [below, 0, row],
      [corner, column, row],
    ] as const)
      for (let line = 0; line < picture.height; line++)
        pixels.set(picture.pixels.subarray(line * picture.width, (line + 1) * picture.width), (y + line) * width + x);
    inner = { pixels, width, height };
  }
  return inner;
}

function spanOf({ values }: Block): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function pictureOf({ shape: [height = 0, width = 0], values }: Block, [low, high]: readonly [number, number]): Picture {
  const scale = high > low ? 1 / (high - low) : 0;
  return { width, height, pixels: Float32Array.from(values, (value) => (value - low) * scale) };
}
