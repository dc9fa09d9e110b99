import type { Neighbourhoods } from './neighbourhoods.ts';

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019; k = 3 is usual). Precision: share of synthetic images that lie
 * inside the neighbourhood of a real one. Recall: share of real images inside that of a synthetic one.
 */
export function precisionRecall(sets: Neighbourhoods): { precision: number; recall: number } {
  const { distances, realRadii, syntheticRadii, realCount, syntheticCount } = sets;
  const syntheticInside = new Set<number>();
  const realInside = new Set<number>();
  for (let i = 0; i < realCount; i++)
    for (let j = 0; j < syntheticCount; j++) {
      const distance = distances[i * syntheticCount + j]!;
      if (distance < realRadii[i]!) syntheticInside.add(j);
      if (distance < syntheticRadii[j]!) realInside.add(i);
    }
  return { precision: syntheticInside.size / syntheticCount, recall: realInside.size / realCount };
}
