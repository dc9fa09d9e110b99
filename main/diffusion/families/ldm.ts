import type { DiffusionFamilyRules } from './family.ts';
import { latentGrid } from './family.ts';

/** Diffusion on the latent of an autoencoder (Rombach et al. 2022). */
export const ldm: DiffusionFamilyRules = {
  usesAutoencoder: true,
  usesWavelet: false,
  space: ({ image, autoencoder }) => {
    if (autoencoder === null) return null;
    const { factor, scale } = autoencoder;
    const latent = latentGrid(image, autoencoder);
    return {
      base: latent,
      autoencoded: true,
      latent,
      relativeCost: 1 / factor ** 2,
      encode: (values) => values.map((value) => value * scale),
      decode: (sample) => sample.map((value) => value / scale),
    };
  },
};
