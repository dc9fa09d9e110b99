interface Size {
  width: number;
  height: number;
}

/**
 * Enlarges an image by separable cubic convolution (Keys 1981, a = −1/2; also called Catmull–Rom). Pixel centres lie at
 * half numbers, the field of view is kept, and the outermost pixels are repeated beyond the border.
 */
export function cubicResize(pixels: Float32Array, from: Size, to: Size): Float32Array {
  const wide = resizeRows(pixels, from, to.width);
  const tall = resizeRows(
    transpose(wide, { width: to.width, height: from.height }),
    { width: from.height, height: to.width },
    to.height,
  );
  return transpose(tall, { width: to.height, height: to.width });
}

function resizeRows(pixels: Float32Array, { width, height }: Size, toWidth: number): Float32Array {
  const { indices, weights } = taps(width, toWidth);
  const resized = new Float32Array(toWidth * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < toWidth; x++) {
      let sum = 0;
      for (let tap = 4 * x; tap < 4 * x + 4; tap++) sum += weights[tap]! * pixels[y * width + indices[tap]!]!;
      resized[y * toWidth + x] = sum;
    }
  return resized;
}

/** Four source indices and four weights for each target pixel. */
function taps(from: number, to: number): { indices: Int32Array; weights: Float64Array } {
  const indices = new Int32Array(4 * to);
  const weights = new Float64Array(4 * to);
  for (let target = 0; target < to; target++) {
    const place = ((target + 0.5) * from) / to - 0.5;
    const first = Math.floor(place);
    const t = place - first;
    indices.set(
      [-1, 0, 1, 2].map((step) => Math.min(from - 1, Math.max(0, first + step))),
      4 * target,
    );
    weights.set(
      [
        ((2 - t) * t - 1) * t * 0.5,
        ((3 * t - 5) * t * t + 2) * 0.5,
        ((4 - 3 * t) * t + 1) * t * 0.5,
        (t - 1) * t * t * 0.5,
      ],
      4 * target,
    );
  }
  return { indices, weights };
}

function transpose(pixels: Float32Array, { width, height }: Size): Float32Array {
  const transposed = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) transposed[x * height + y] = pixels[y * width + x]!;
  return transposed;
}
