import type { Grid } from '../wavelets/haar.ts';

/** Where a family's diffusion runs: images in the model's range on one side, the noised space on the other. */
export interface DiffusionSpace {
  latent: Grid;
  /** Positions of the latent grid per pixel; a convolution of equal width costs this share of one on pixels. */
  relativeCost: number;
  /** Image [C, H, W] in the model's range → sample [latent]. */
  encode(image: Float64Array): Float64Array;
  /** The inverse (of an autoencoder: nearly). */
  decode(sample: Float64Array): Float64Array;
}
