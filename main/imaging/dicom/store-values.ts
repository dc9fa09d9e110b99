import type { ScalarArray, ScalarType } from '../../../preload/domain.ts';
import type { DecodedValues } from './decode-frame.ts';

const valueCount = 65_536;
/** Neighbours are often equal, and a count has to wait for the one before: four histograms in turn do not wait. */
const histograms = 4;

const ends: Partial<Record<ScalarType, readonly [number, number]>> = {
  uint8: [0, 255],
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};

export type StoredFit = 'all' | 'too narrow' | 'not whole';

/** Counts of the values of each thread, in memory that all share. Empty for types with too many values to count. */
export function allocateCounts(type: ScalarType, threads: number): SharedArrayBuffer {
  const length = isCounted(type) ? threads * histograms * valueCount : 0;
  return new SharedArrayBuffer(length * Uint32Array.BYTES_PER_ELEMENT);
}

/** How often each value from `lowest` on was stored; null where it was not counted. */
export function sumCounts(shared: SharedArrayBuffer, type: ScalarType): { counts: Uint32Array; lowest: number } | null {
  if (!isCounted(type)) return null;
  const counts = new Uint32Array(valueCount);
  const all = new Uint32Array(shared);
  for (let first = 0; first < all.length; first += valueCount) {
    for (let i = 0; i < valueCount; i++) counts[i]! += all[first + i] as number;
  }
  return { counts, lowest: lowestOf(type) };
}

/**
 * Rescales the values of a frame into their place in a volume and counts them, in one pass: a large series is bound by memory.
 * Stops at the first values that the type cannot hold exactly.
 */
export function storeValues(
  { values, slope, intercept }: DecodedValues,
  target: ScalarArray,
  { type, counts, thread }: { type: ScalarType; counts: SharedArrayBuffer; thread: number },
): StoredFit {
  const range = ends[type];
  const length = Math.min(values.length, target.length);
  if (range === undefined) {
    for (let i = 0; i < length; i++) target[i] = (values[i] as number) * slope + intercept;
    return 'all';
  }
  if (!Number.isInteger(slope) || !Number.isInteger(intercept)) return 'not whole';
  if (values instanceof Float32Array || values instanceof Float64Array) {
    if (!values.every((value) => Number.isInteger(value))) return 'not whole';
  } else if (isCounted(type) && values.BYTES_PER_ELEMENT <= 2 && isSmall(slope) && isSmall(intercept)) {
    return storeSmall({ values, slope, intercept }, target, { range, type, counts, thread });
  }
  const [low, high] = range;
  const bins = isCounted(type) ? histogramOf(counts, thread, 0) : null;
  const lowest = lowestOf(type);
  for (let i = 0; i < length; i++) {
    const value = (values[i] as number) * slope + intercept;
    if (value < low || value > high) return 'too narrow';
    target[i] = value;
    if (bins !== null) bins[value - lowest]! += 1;
  }
  return 'all';
}

/** What nearly all scanners write: integers of 16 bits at most, so that 32-bit arithmetic is exact. Four values at a time. */
function storeSmall(
  { values, slope, intercept }: DecodedValues,
  target: ScalarArray,
  where: { range: readonly [number, number]; type: ScalarType; counts: SharedArrayBuffer; thread: number },
): StoredFit {
  const [low, high] = where.range;
  const [a, b, c, d] = [0, 1, 2, 3].map((n) => histogramOf(where.counts, where.thread, n)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  const times = slope | 0;
  const plus = intercept | 0;
  const lowest = lowestOf(where.type) | 0;
  const length = Math.min(values.length, target.length);
  const whole = length - (length % histograms);
  for (let i = 0; i < whole; i += histograms) {
    const v = (Math.imul(values[i] as number, times) + plus) | 0;
    const w = (Math.imul(values[i + 1] as number, times) + plus) | 0;
    const x = (Math.imul(values[i + 2] as number, times) + plus) | 0;
    const y = (Math.imul(values[i + 3] as number, times) + plus) | 0;
    if (v < low || v > high || w < low || w > high || x < low || x > high || y < low || y > high) return 'too narrow';
    target[i] = v;
    target[i + 1] = w;
    target[i + 2] = x;
    target[i + 3] = y;
    a[v - lowest]! += 1;
    b[w - lowest]! += 1;
    c[x - lowest]! += 1;
    d[y - lowest]! += 1;
  }
  for (let i = whole; i < length; i++) {
    const v = (Math.imul(values[i] as number, times) + plus) | 0;
    if (v < low || v > high) return 'too narrow';
    target[i] = v;
    a[v - lowest]! += 1;
  }
  return 'all';
}

function histogramOf(counts: SharedArrayBuffer, thread: number, n: number): Uint32Array {
  return new Uint32Array(counts, (thread * histograms + n) * valueCount * Uint32Array.BYTES_PER_ELEMENT, valueCount);
}

function isCounted(type: ScalarType): boolean {
  return type === 'uint8' || type === 'int16' || type === 'uint16';
}

function lowestOf(type: ScalarType): number {
  return type === 'uint16' ? 0 : -32_768;
}

function isSmall(number: number): boolean {
  return Math.abs(number) < 16_384;
}
