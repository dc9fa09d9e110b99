import type { BandName, Grid } from '../wavelets/haar.ts';

/** One family = one file that makes its space, and one line in registry.ts. */
export interface DiffusionFamilyRules {
  /** What the settings must hold; they must not hold the other. */
  usesAutoencoder: boolean;
  usesWavelet: boolean;
  /** Null where the settings lack what the family uses. */
  space(settings: SpaceSettings): DiffusionSpace | null;
}

export interface SpaceSettings {
  image: Grid;
  /** `factor` pixels per latent position along each side; noised values = latent × scale. */
  autoencoder: { factor: number; channels: number; scale: number } | null;
  /** Noised values = coefficient × scale. */
  wavelet: { bandOrder: readonly BandName[]; scale: number } | null;
}

/**
 * Where a family's diffusion runs. On one side the base: the image in the model's range or, where `autoencoded`, the latent
 * that the pack's encoder network makes of it and its decoder network takes. On the other side what is noised and denoised.
 */
export interface DiffusionSpace {
  base: Grid;
  /** Whether an encoder and a decoder network stand between the image and the base. */
  autoencoded: boolean;
  /** What is noised and denoised. */
  latent: Grid;
  /** Positions of the latent grid per pixel; a convolution of equal width costs this share of one on pixels. */
  relativeCost: number;
  /** Base [C, H, W] → sample [latent]; a new array. */
  encode(base: Float64Array): Float64Array;
  /** The inverse; a new array. */
  decode(sample: Float64Array): Float64Array;
}

/** The grid of an autoencoder's latent. */
export function latentGrid(image: Grid, { factor, channels }: { factor: number; channels: number }): Grid {
  return { channels, height: image.height / factor, width: image.width / factor };
}
