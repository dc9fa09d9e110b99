import { entropyTerm } from './region.ts';

/** How often each grey level has each size: of runs, zones or dependences. */
export class SizeMatrix {
  /** Nearly all sizes are small: a table for those, a map for the rest. */
  readonly #small = new Float64Array(smallSizes * mostLevels);
  readonly #large = new Map<number, number>();

  add(level: number, size: number): void {
    const key = size * mostLevels + level;
    if (size < smallSizes && level < mostLevels) this.#small[key]!++;
    else this.#large.set(size * largeLevels + level, (this.#large.get(size * largeLevels + level) ?? 0) + 1);
  }

  entries(): { level: number; size: number; count: number }[] {
    const found: { level: number; size: number; count: number }[] = [];
    this.#small.forEach((count, key) => {
      if (count > 0) found.push({ level: key % mostLevels, size: Math.floor(key / mostLevels), count });
    });
    for (const [key, count] of this.#large)
      found.push({ level: key % largeLevels, size: Math.floor(key / largeLevels), count });
    return found;
  }
}

const smallSizes = 32;
const mostLevels = 64;
const largeLevels = 65_536;

/** The sums that runs, zones and dependences share, by neutral names. Levels count from 1. */
export function sizeFeatures(matrix: SizeMatrix, pixels: number) {
  const entries = matrix.entries();
  const total = entries.reduce((sum, { count }) => sum + count, 0);
  const byLevel = new Map<number, number>();
  const bySize = new Map<number, number>();
  for (const { level, size, count } of entries) {
    byLevel.set(level, (byLevel.get(level) ?? 0) + count);
    bySize.set(size, (bySize.get(size) ?? 0) + count);
  }
  const mean = (weight: (level: number, size: number) => number): number =>
    entries.reduce((sum, { level, size, count }) => sum + count * weight(level, size), 0) / total;
  const squares = (counts: Map<number, number>): number =>
    [...counts.values()].reduce((sum, count) => sum + count * count, 0) / total;
  const [levelMean, sizeMean] = [mean((level) => level), mean((_, size) => size)];
  return {
    levelNonUniformity: squares(byLevel),
    levelNonUniformityNormalised: squares(byLevel) / total,
    sizeNonUniformity: squares(bySize),
    sizeNonUniformityNormalised: squares(bySize) / total,
    levelVariance: mean((level) => (level - levelMean) ** 2),
    sizeVariance: mean((_, size) => (size - sizeMean) ** 2),
    entropy: entries.reduce((sum, { count }) => sum + entropyTerm(count / total), 0),
    percentage: total / pixels,
    small: mean((_, size) => 1 / size ** 2),
    large: mean((_, size) => size ** 2),
    low: mean((level) => 1 / level ** 2),
    high: mean((level) => level ** 2),
    smallLow: mean((level, size) => 1 / (level * size) ** 2),
    smallHigh: mean((level, size) => (level / size) ** 2),
    largeLow: mean((level, size) => (size / level) ** 2),
    largeHigh: mean((level, size) => (level * size) ** 2),
  };
}
