import { UMAP } from 'umap-js';
import type { Features } from '../evaluation/features.ts';
import { principalAxes } from '../evaluation/principal-axes.ts';
import { randomFrom } from '../evaluation/random.ts';
import type { OnPhase } from './evaluate-run.ts';

export interface PositionsWork {
  kind: 'positions';
  features: Features;
  method: 'pca' | 'umap';
}

export interface Positions {
  points: [number, number][];
  /** PCA only. */
  explained: [number, number] | null;
}

/** UMAP begins from as many principal axes: noise is left behind and distances cost less. */
const axesBeforeUmap = 30;
const seed = 20_240_517;

/** Two coordinates for each image. The same images give the same map. Runs in its own thread. */
export function positionsOf({ features, method }: PositionsWork, onPhase: OnPhase): Positions {
  onPhase('Finding the principal axes', 0, 1);
  const { coordinates, shares } = principalAxes(features, { count: method === 'pca' ? 2 : axesBeforeUmap, seed });
  const { values, count, dimension } = coordinates;
  const rows = Array.from({ length: count }, (_, row) => [
    ...Array.from({ length: dimension }, (__, k) => values[row * dimension + k]!),
  ]);
  if (method === 'pca' || count < fewestForUmap)
    return { points: rows.map(([x = 0, y = 0]) => [x, y]), explained: [shares[0] ?? 0, shares[1] ?? 0] };
  // McInnes, Healy and Melville 2018, with their defaults.
  const umap = new UMAP({ nComponents: 2, nNeighbors: 15, minDist: 0.1, random: randomFrom(seed) });
  const epochs = umap.initializeFit(rows);
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    onPhase('Laying out the map', epoch + 1, epochs);
  }
  return { points: umap.getEmbedding().map(([x = 0, y = 0]) => [x, y]), explained: null };
}

/** A neighbourhood of fifteen says nothing among fewer. */
const fewestForUmap = 30;
