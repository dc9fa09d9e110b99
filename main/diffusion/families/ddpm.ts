import type { Grid } from '../wavelets/haar.ts';
import type { DiffusionSpace } from './family.ts';

/** Diffusion on the pixels themselves. */
export function pixelSpace(image: Grid): DiffusionSpace {
  return { latent: image, relativeCost: 1, encode: (pixels) => pixels.slice(), decode: (sample) => sample.slice() };
}
