/** A region of a 2-D image with grey levels 1 … levels inside and 0 outside. */
export interface Region {
  /** With a border of zeros all round, so that every pixel has eight neighbours: row y begins at (y + 1) · stride + 1. */
  levels: Int32Array;
  /** width + 2. */
  stride: number;
  /** The highest grey level that occurs. */
  count: number;
  /** Pixels inside. */
  size: number;
  width: number;
  height: number;
}

export type Binning = { width: number } | { count: number };

/**
 * Grey levels of the pixels in the mask, as PyRadiomics has them. A width: bins whose edges are multiples of it, the first holds the
 * minimum. A count: that many bins between minimum and maximum, the last closed. Throws RangeError for an empty mask.
 */
export function discretise(
  pixels: ArrayLike<number>,
  { mask, binning, width, height }: { mask: ArrayLike<number> | null; binning: Binning; width: number; height: number },
): Region {
  let [low, high, size] = [Infinity, -Infinity, 0];
  for (let i = 0; i < pixels.length; i++) {
    if (mask !== null && !mask[i]) continue;
    low = Math.min(low, pixels[i]!);
    high = Math.max(high, pixels[i]!);
    size++;
  }
  if (size === 0) throw new RangeError('The region holds no pixel.');
  const levelOf = 'width' in binning ? byWidth(low, binning.width) : byCount(low, high, binning.count);
  const stride = width + 2;
  const levels = new Int32Array(stride * (height + 2));
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    if (mask !== null && !mask[i]) continue;
    const level = levelOf(pixels[i]!);
    levels[(Math.floor(i / width) + 1) * stride + (i % width) + 1] = level;
    count = Math.max(count, level);
  }
  return { levels, stride, count, size, width, height };
}

function byWidth(low: number, width: number): (value: number) => number {
  const first = Math.floor(low / width) * width;
  return (value) => Math.floor((value - first) / width) + 1;
}

function byCount(low: number, high: number, count: number): (value: number) => number {
  const step = (high - low) / count;
  if (step === 0) return () => 1;
  return (value) => {
    // The division may land on the other side of an edge than the edge itself does.
    const place = Math.min(count - 1, Math.max(0, Math.floor((value - low) / step)));
    const shifted = value >= low + (place + 1) * step ? place + 1 : value < low + place * step ? place - 1 : place;
    return Math.min(count - 1, shifted) + 1;
  };
}

/** Steps in `levels` to one of each two opposite neighbours: right, down right, down, down left. */
export function halfNeighbours({ stride }: Region): Int32Array {
  return Int32Array.of(1, stride + 1, stride, stride - 1);
}

export function allNeighbours(region: Region): Int32Array {
  const half = halfNeighbours(region);
  return Int32Array.of(...half, ...half.map((step) => -step));
}

/** −p log₂ p, 0 for p = 0. */
export function entropyTerm(share: number): number {
  return share > 0 ? -share * Math.log2(share) : 0;
}
