import type { Neighbourhoods } from './neighbourhoods.ts';

/**
 * Density and coverage (Naeem et al. 2020; k = 5 is usual). Density: how many real neighbourhoods hold a synthetic image, on
 * average, divided by k; may pass 1. Coverage: share of real images whose neighbourhood holds a synthetic one.
 */
export function densityCoverage(sets: Neighbourhoods): { density: number; coverage: number } {
  const { distances, realRadii, realCount, syntheticCount, k } = sets;
  let held = 0;
  let covered = 0;
  for (let i = 0; i < realCount; i++) {
    let inside = 0;
    for (let j = 0; j < syntheticCount; j++) if (distances[i * syntheticCount + j]! < realRadii[i]!) inside++;
    held += inside;
    if (inside > 0) covered++;
  }
  return { density: held / (k * syntheticCount), coverage: covered / realCount };
}
