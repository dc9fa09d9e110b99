import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Volume } from '../../preload/domain.ts';
import { fitToGrid } from '../imaging/resample.ts';
import { defaultWindow, extractSlice } from '../imaging/slice.ts';

export interface Grid {
  width: number;
  height: number;
}

/** The last grid of a volume that is still in memory: stepping through outputs asks for the same one each time. */
const kept = new WeakMap<Volume, Grid & { images: Float32Array[] }>();
const slicesPerTurn = 8;

/**
 * Every slice on a model's grid, in 0…1 through the window of the series, as for image to image. Other calls are answered
 * in between. Throws AbortError.
 */
export async function fitSlices(volume: Volume, { width, height }: Grid, signal: AbortSignal): Promise<Float32Array[]> {
  const before = kept.get(volume);
  if (before?.width === width && before.height === height) return before.images;
  const window = defaultWindow(volume);
  const images: Float32Array[] = [];
  for (let sliceIndex = 0; sliceIndex < volume.dimensions[2]; sliceIndex++) {
    if (sliceIndex % slicesPerTurn === 0) await nextTurn(undefined, { signal });
    const slice = extractSlice(volume, sliceIndex);
    images.push(fitToGrid(slice, { width, height, window, storedMin: 0, storedMax: 1 }));
  }
  kept.set(volume, { width, height, images });
  return images;
}
