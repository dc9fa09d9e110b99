import type { ScalarArray, VolumeDescription } from '../../preload/domain.ts';

const binCount = 65_536;

/**
 * Minimum and maximum of all finite voxels; their 1st and 99th percentile without values from `padding[0]` to `padding[1]`, from a histogram of 65,536 bins (exact for
 * integers that span less than that, else to 1/65,536 of the range). All zero for volumes without a finite voxel.
 */
export function voxelRange(
  voxels: ScalarArray,
  padding: readonly [number, number] | null = null,
): VolumeDescription['range'] {
  const [min, max] = finiteExtremes(voxels);
  if (min > max) return { min: 0, max: 0, p1: 0, p99: 0 };
  const isExact = !(voxels instanceof Float32Array) && max - min < binCount;
  const scale = isExact ? 1 : (binCount - 1) / Math.max(max - min, Number.MIN_VALUE);
  const bins = new Uint32Array(binCount);
  const length = voxels.length;
  let total = 0;
  for (let i = 0; i < length; i++) {
    // +0.5 and the cut to an integer round to the nearest bin; NaN and infinities fall out of the range.
    const bin = ((voxels[i] as number) - min) * scale + 0.5;
    if (!(bin >= 0 && bin < binCount)) continue;
    bins[bin | 0]! += 1;
    total++;
  }
  return { min, max, ...percentiles({ bins, total, padding, min, max, scale }) };
}

/** The same from counts of whole numbers, of which the first is of the value `lowest`. */
export function rangeOfCounts(
  { counts, lowest }: { counts: Uint32Array; lowest: number },
  padding: readonly [number, number] | null,
): VolumeDescription['range'] {
  const first = counts.findIndex((n) => n > 0);
  if (first < 0) return { min: 0, max: 0, p1: 0, p99: 0 };
  const last = counts.findLastIndex((n) => n > 0);
  const bins = counts.slice(first, last + 1);
  const [min, max] = [lowest + first, lowest + last];
  const total = bins.reduce((sum, n) => sum + n, 0);
  return { min, max, ...percentiles({ bins, total, padding, min, max, scale: 1 }) };
}

function percentiles(histogram: {
  bins: Uint32Array;
  total: number;
  padding: readonly [number, number] | null;
  min: number;
  max: number;
  scale: number;
}): { p1: number; p99: number } {
  const { bins, padding, min, max, scale } = histogram;
  const ends = (padding ?? []).map((value) => (value - min) * scale + 0.5);
  const total = histogram.total - (padding === null ? 0 : emptyBins(bins, ends));
  if (total === 0) return { p1: min, p99: max };
  const at = (share: number) => {
    let sum = 0;
    const bin = bins.findIndex((n) => (sum += n) >= share * total);
    return min + bin / scale;
  };
  return { p1: at(0.01), p99: at(0.99) };
}

/** Takes what lies between the two bins away; returns how much that was. */
function emptyBins(bins: Uint32Array, [from = 0, to = -1]: number[]): number {
  const inside = bins.subarray(Math.max(0, Math.floor(from)), Math.max(0, Math.min(bins.length, Math.floor(to) + 1)));
  const taken = inside.reduce((sum, n) => sum + n, 0);
  inside.fill(0);
  return taken;
}

function finiteExtremes(voxels: ScalarArray): [number, number] {
  let min = Infinity;
  let max = -Infinity;
  const length = voxels.length;
  for (let i = 0; i < length; i++) {
    const value = voxels[i] as number;
    if (value < min && value !== -Infinity) min = value;
    if (value > max && value !== Infinity) max = value;
  }
  return [min, max];
}
