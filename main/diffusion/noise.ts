/**
 * Noise that depends on nothing but the image's seed and the number of the draw: a counter-based generator
 * (Philox4x32-10, Salmon et al. 2011) and Box–Muller in float64. No state is carried from image to image.
 */

export type Words4 = readonly [number, number, number, number];

/** Draw 0 is the starting noise; draw k + 1 is the noise that step k adds. Standard normal, `length` values. */
export function gaussianNoise(seed: number, draw: number, length: number): Float64Array {
  const values = new Float64Array(length);
  for (let at = 0; at < length; at += 4) {
    const [a, b, c, d] = philox4x32([at / 4, draw, 0, 0], [seed, 0]);
    // What goes beyond the end of a typed array is dropped.
    boxMuller(a, b, values, at);
    boxMuller(c, d, values, at + 2);
  }
  return values;
}

/** Ten rounds of Philox on a 128-bit counter with a 64-bit key, all as unsigned 32-bit words, least significant first. */
export function philox4x32(counter: Words4, key: readonly [number, number]): Words4 {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Upper 32 bits of the 64-bit product, by 16-bit halves so that every partial sum is exact. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/** Half a unit is added so that neither 0 nor 1 can occur; the largest value is 6.7. */
function boxMuller(first: number, second: number, values: Float64Array, at: number): void {
  const radius = Math.sqrt(-2 * Math.log((first + 0.5) / 2 ** 32));
  const angle = (2 * Math.PI * (second + 0.5)) / 2 ** 32;
  values[at] = radius * Math.cos(angle);
  values[at + 1] = radius * Math.sin(angle);
}
