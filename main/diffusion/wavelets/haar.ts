/**
 * Orthonormal two-dimensional Haar wavelet packets: at each level every band is split again. For a block [[a, b], [c, d]]:
 * LL (a+b+c+d)/2 · LH (a−b+c−d)/2, high along the width (PyWavelets' cV) · HL (a+b−c−d)/2, high along the height (cH) ·
 * HH (a−b−c+d)/2 (cD). Energy is kept, so white noise stays white.
 */

export interface Grid {
  channels: number;
  height: number;
  width: number;
}

/** "LL", "LH.HH", …: the band of the first level, then of the second. */
export type BandName = string;

/** All band names of a packet in the order in which splitting level by level yields them. */
export function packetBands(levels: number): BandName[] {
  let names = [''];
  for (let level = 0; level < levels; level++) {
    names = names.flatMap((name) => ['LL', 'LH', 'HL', 'HH'].map((band) => (name === '' ? band : `${name}.${band}`)));
  }
  return names;
}

/** [C, H, W] → [C·4^levels, H/2^levels, W/2^levels]; channel c·4^levels + i holds band `order[i]` of image channel c. */
export function haarPacket(image: Float64Array, grid: Grid, order: readonly BandName[]): Float64Array {
  const levels = levelsOf(order);
  let values = image;
  let current = grid;
  for (let level = 0; level < levels; level++) {
    values = split(values, current);
    current = { channels: current.channels * 4, height: current.height / 2, width: current.width / 2 };
  }
  const plane = current.height * current.width;
  const reordered = new Float64Array(values.length);
  placesOf(order).forEach((source, target) => {
    for (let c = 0; c < grid.channels; c++) {
      const from = (c * order.length + source) * plane;
      reordered.set(values.subarray(from, from + plane), (c * order.length + target) * plane);
    }
  });
  return reordered;
}

/** The exact inverse; `grid` is that of the image. */
export function inverseHaarPacket(packet: Float64Array, grid: Grid, order: readonly BandName[]): Float64Array {
  const levels = levelsOf(order);
  const plane = (grid.height * grid.width) / order.length;
  let values = new Float64Array(packet.length);
  placesOf(order).forEach((target, source) => {
    for (let c = 0; c < grid.channels; c++) {
      const from = (c * order.length + source) * plane;
      values.set(packet.subarray(from, from + plane), (c * order.length + target) * plane);
    }
  });
  for (let level = levels - 1; level >= 0; level--) {
    values = merge(values, {
      channels: grid.channels * 4 ** level,
      height: grid.height / 2 ** level,
      width: grid.width / 2 ** level,
    });
  }
  return values;
}

function levelsOf(order: readonly BandName[]): number {
  return Math.round(Math.log(order.length) / Math.log(4));
}

function placesOf(order: readonly BandName[]): number[] {
  const canonical = packetBands(levelsOf(order));
  return order.map((name) => {
    const place = canonical.indexOf(name);
    if (place < 0) throw new RangeError(`There is no wavelet band ${name} in a packet of ${order.length} bands.`);
    return place;
  });
}

/** `grid` is the larger one, before the split. */
function split(values: Float64Array, { channels, height, width }: Grid): Float64Array {
  const bands = new Float64Array(values.length);
  const [rows, columns] = [height / 2, width / 2];
  const plane = rows * columns;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const top = (channel * height + 2 * y) * width + 2 * x;
        const a = values[top] ?? 0;
        const b = values[top + 1] ?? 0;
        const c = values[top + width] ?? 0;
        const d = values[top + width + 1] ?? 0;
        const at = channel * 4 * plane + y * columns + x;
        bands[at] = (a + b + c + d) / 2;
        bands[at + plane] = (a - b + c - d) / 2;
        bands[at + 2 * plane] = (a + b - c - d) / 2;
        bands[at + 3 * plane] = (a - b - c + d) / 2;
      }
    }
  }
  return bands;
}

/** `grid` is the larger one, after the merge. */
function merge(bands: Float64Array, { channels, height, width }: Grid): Float64Array<ArrayBuffer> {
  const values = new Float64Array(bands.length);
  const [rows, columns] = [height / 2, width / 2];
  const plane = rows * columns;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const at = channel * 4 * plane + y * columns + x;
        const ll = bands[at] ?? 0;
        const lh = bands[at + plane] ?? 0;
        const hl = bands[at + 2 * plane] ?? 0;
        const hh = bands[at + 3 * plane] ?? 0;
        const top = (channel * height + 2 * y) * width + 2 * x;
        values[top] = (ll + lh + hl + hh) / 2;
        values[top + 1] = (ll - lh + hl - hh) / 2;
        values[top + width] = (ll + lh - hl - hh) / 2;
        values[top + width + 1] = (ll - lh - hl + hh) / 2;
      }
    }
  }
  return values;
}
