export type SlabMode = 'off' | 'maximum' | 'minimum' | 'mean';

/** A thick slab: what the slices within `thicknessMm` round the one in view are joined by. */
export interface Slab {
  mode: SlabMode;
  thicknessMm: number;
}

export const noSlab: Slab = { mode: 'off', thicknessMm: 10 };

export const slabNames: Record<SlabMode, string> = { off: 'Slab off', maximum: 'MIP', minimum: 'MinIP', mean: 'Mean' };

/** Whole slices of a slab round `slice`, both ends included: as many on either side, cut off at the ends of the volume. */
export function slabSlices(
  slice: number,
  { mode, thicknessMm }: Slab,
  { spacingMm, count }: { spacingMm: number; count: number },
): { first: number; last: number } {
  if (mode === 'off') return { first: slice, last: slice };
  const beside = Math.round((thicknessMm / spacingMm - 1) / 2);
  const half = Math.max(0, beside);
  return { first: Math.max(0, slice - half), last: Math.min(count - 1, slice + half) };
}

/** Joins slices of equal length, value by value. NaN counts for nothing in a maximum or minimum. */
export function joinSlices(slices: readonly ArrayLike<number>[], mode: Exclude<SlabMode, 'off'>): Float32Array {
  const [first] = slices;
  if (first === undefined) return new Float32Array();
  const joined = Float32Array.from(first);
  for (const slice of slices.slice(1)) {
    if (mode === 'maximum') for (let i = 0; i < joined.length; i += 1) joined[i] = larger(joined[i]!, slice[i]!);
    else if (mode === 'minimum')
      for (let i = 0; i < joined.length; i += 1) joined[i] = -larger(-joined[i]!, -slice[i]!);
    else for (let i = 0; i < joined.length; i += 1) joined[i] = joined[i]! + slice[i]!;
  }
  if (mode === 'mean') for (let i = 0; i < joined.length; i += 1) joined[i] = joined[i]! / slices.length;
  return joined;
}

function larger(a: number, b: number): number {
  return b > a || Number.isNaN(a) ? b : a;
}
