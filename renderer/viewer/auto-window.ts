import type { VoiWindow } from '../../preload/domain.ts';

/** A window over the middle 98 % of the values in view; air and padding, the lowest value of all, count for nothing. */
export function autoWindow(values: ArrayLike<number>): VoiWindow | null {
  const sorted = Float64Array.from(values)
    .filter((value) => Number.isFinite(value))
    .sort();
  const lowest = sorted[0];
  if (lowest === undefined) return null;
  const above = sorted.findIndex((value) => value > lowest);
  const counted = above > sorted.length / 20 ? sorted.subarray(above) : sorted;
  const at = (share: number) => counted[Math.round(share * (counted.length - 1))] ?? lowest;
  const [low, high] = [at(0.01), at(0.99)];
  if (high <= low) return null;
  return { centre: (low + high) / 2, width: high - low, label: 'Auto' };
}
