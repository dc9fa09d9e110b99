import type { InferenceLease } from '../engine/inference.ts';
import { slotsPerBatch } from '../engine/generate-batch.ts';
import { covered, patchesOf, patchMap } from '../evaluation/occlusion.ts';
import { batchImage, brightnessOf, type MadeImage } from './explain-image.ts';
import { patchesAcross } from './explain-progress.ts';

/**
 * How much the whole image changes, in percent of the range, where a patch of its source is covered; same seed, same noise. `reference` is
 * its brightness with the source as it is. Throws InferenceFailed, Cancelled.
 */
export async function occlusionOf({
  made: { pack, settings, seed, source },
  lease,
  reference,
  onStep,
}: {
  made: MadeImage;
  lease: InferenceLease;
  reference: Float32Array;
  onStep: (done: number, total: number) => void;
}): Promise<Float32Array> {
  const { manifest } = pack;
  const { width, height } = manifest.image;
  const patches = patchesOf({ width, height }, patchesAcross);
  const slots = slotsPerBatch(manifest, settings);
  const whole = Math.ceil(patches.length / slots);
  const changes: number[] = [];
  for (let first = 0; first < patches.length; first += slots) {
    const batch = patches
      .slice(first, first + slots)
      .map((patch, slot) => batchImage(seed, slot, covered(source ?? new Float32Array(0), { width, height }, patch)));
    const { images } = await lease.batch(settings, batch, {
      onStep: (done, total) => onStep(first / slots + done / total, whole),
    });
    changes.push(...images.map(({ pixels }) => meanDifference(brightnessOf(pixels, manifest), reference)));
  }
  return patchMap(changes, patches, { width, height });
}

function meanDifference(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, i) => sum + Math.abs(value - other[i]!), 0) / one.length;
}
