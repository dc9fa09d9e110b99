import type { ScalarArray, VolumeDescription } from '../../preload/domain.ts';

const binCount = 65_536;

/**
 * Minimum, maximum and the 1st and 99th percentile of all finite voxels, from a histogram of 65,536 bins (exact for
 * 16-bit integers, else to 1/65,536 of the range). All zero for volumes without a finite voxel.
 */
export function voxelRange(voxels: ScalarArray): VolumeDescription['range'] {
  let min = Infinity;
  let max = -Infinity;
  for (const value of voxels) {
    if (value < min && value !== -Infinity) min = value;
    if (value > max && value !== Infinity) max = value;
  }
  if (min > max) return { min: 0, max: 0, p1: 0, p99: 0 };
  const whole = !(voxels instanceof Float32Array) && max - min < binCount;
  const scale = whole ? 1 : (binCount - 1) / Math.max(max - min, Number.MIN_VALUE);
  const bins = new Float64Array(binCount);
  let total = 0;
  for (const value of voxels) {
    const bin = Math.round((value - min) * scale);
    if (!(bin >= 0 && bin < binCount)) continue;
    bins[bin] = (bins[bin] ?? 0) + 1;
    total++;
  }
  const at = (share: number) => {
    let sum = 0;
    const bin = bins.findIndex((n) => (sum += n) >= share * total);
    return min + bin / scale;
  };
  return { min, max, p1: at(0.01), p99: at(0.99) };
}
