import { clip, thresholdBetween } from '../diffusion/constrain.ts';
import type { DiffusionSpace } from '../diffusion/families/family.ts';
import type { PackManifest } from './pack-schema.ts';

/**
 * What a pack does to each predicted clean sample: clips it, thresholds it dynamically, or (null) nothing. The range is
 * one of images, so values are kept in it there, whatever space the diffusion runs in.
 */
export function constraintOf(
  { intensity, sampling }: PackManifest,
  space: DiffusionSpace,
): ((clean: Float64Array) => void) | null {
  const { modelMin: low, modelMax: high } = intensity;
  const { threshold } = sampling;
  if (!sampling.clip && threshold === undefined) return null;
  return (clean) => {
    const image = space.decode(clean);
    if (threshold === undefined) clip(image, low, high);
    else thresholdBetween(image, { low, high, ...threshold });
    clean.set(space.encode(image));
  };
}
