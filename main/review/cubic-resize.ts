interface Size {
  width: number;
  height: number;
}

/**
 * Enlarges an image by separable cubic convolution (Keys 1981, a = −1/2; also called Catmull–Rom). Pixel centres lie at
 * half numbers, the field of view is kept, and the outermost pixels are repeated beyond the border.
 */
export function cubicResize(pixels: Float32Array, from: Size, to: Size): Float32Array {
  const columns = taps(from.width, to.width);
  const rows = taps(from.height, to.height);
  const wide = new Float32Array(to.width * from.height);
  for (let y = 0; y < from.height; y++)
    for (let x = 0; x < to.width; x++)
      wide[y * to.width + x] = weighted(columns[x]!, (tap) => pixels[y * from.width + tap]!);
  const resized = new Float32Array(to.width * to.height);
  for (let y = 0; y < to.height; y++)
    for (let x = 0; x < to.width; x++)
      resized[y * to.width + x] = weighted(rows[y]!, (tap) => wide[tap * to.width + x]!);
  return resized;
}

interface Taps {
  indices: [number, number, number, number];
  weights: [number, number, number, number];
}

function taps(from: number, to: number): Taps[] {
  return Array.from({ length: to }, (_, target) => {
    const place = ((target + 0.5) * from) / to - 0.5;
    const first = Math.floor(place);
    const t = place - first;
    const inside = (index: number) => Math.min(from - 1, Math.max(0, index));
    return {
      indices: [inside(first - 1), inside(first), inside(first + 1), inside(first + 2)],
      weights: [
        ((-t + 2) * t - 1) * t * 0.5,
        ((3 * t - 5) * t * t + 2) * 0.5,
        ((-3 * t + 4) * t + 1) * t * 0.5,
        (t - 1) * t * t * 0.5,
      ],
    };
  });
}

function weighted({ indices, weights }: Taps, at: (tap: number) => number): number {
  return (
    weights[0] * at(indices[0]) +
    weights[1] * at(indices[1]) +
    weights[2] * at(indices[2]) +
    weights[3] * at(indices[3])
  );
}
