/** Maps of several images of one size, pixel by pixel; every image is a flat list of the same length. */

/** Standard deviation over the images (n − 1) at each pixel. Needs two images. */
export function spreadMap(images: readonly Float32Array[]): Float32Array {
  const mean = meanMap(images);
  return mean.map((middle, i) => {
    let squares = 0;
    for (const image of images) squares += (image[i]! - middle) ** 2;
    return Math.sqrt(squares / (images.length - 1));
  });
}

export function meanMap(images: readonly Float32Array[]): Float32Array {
  const [first] = images;
  if (first === undefined) throw new RangeError('A mean needs at least one image.');
  return first.map((_, i) => {
    let sum = 0;
    for (const image of images) sum += image[i]!;
    return sum / images.length;
  });
}

/** one − other. */
export function subtractMap(one: Float32Array, other: Float32Array): Float32Array {
  return one.map((value, i) => value - other[i]!);
}
