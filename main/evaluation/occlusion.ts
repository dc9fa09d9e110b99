/** One rectangle of a grid laid over an image; right and bottom are outside. */
export interface Patch {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

interface Size {
  width: number;
  height: number;
}

/** `across` × `across` rectangles that cover the image without overlap, row by row. */
export function patchesOf({ width, height }: Size, across: number): Patch[] {
  const edge = (side: number, place: number): number => Math.round((side * place) / across);
  return Array.from({ length: across * across }, (_, place) => {
    const [column, row] = [place % across, Math.floor(place / across)];
    return {
      ...{ left: edge(width, column), right: edge(width, column + 1) },
      ...{ top: edge(height, row), bottom: edge(height, row + 1) },
    };
  });
}

/** The image, one plane after the other, with a patch covered by the mean of its plane (Zeiler and Fergus 2014). */
export function covered(pixels: Float32Array, { width, height }: Size, patch: Patch): Float32Array {
  const plane = width * height;
  const result = pixels.slice();
  for (let start = 0; start < pixels.length; start += plane) {
    const mean = pixels.subarray(start, start + plane).reduce((sum, value) => sum + value, 0) / plane;
    for (let row = patch.top; row < patch.bottom; row++)
      result.fill(mean, start + row * width + patch.left, start + row * width + patch.right);
  }
  return result;
}

/** Each patch filled with its value. */
export function patchMap(values: readonly number[], patches: readonly Patch[], { width, height }: Size): Float32Array {
  const map = new Float32Array(width * height);
  patches.forEach(({ left, right, top, bottom }, place) => {
    for (let row = top; row < bottom; row++) map.fill(values[place] ?? 0, row * width + left, row * width + right);
  });
  return map;
}
