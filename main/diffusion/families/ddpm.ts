import type { DiffusionFamilyRules } from './family.ts';

/** Diffusion on the pixels themselves (Ho et al. 2020). */
export const ddpm: DiffusionFamilyRules = {
  usesAutoencoder: false,
  usesWavelet: false,
  space: ({ image }) => ({
    base: image,
    autoencoded: false,
    latent: image,
    relativeCost: 1,
    encode: (pixels) => pixels.slice(),
    decode: (sample) => sample.slice(),
  }),
};
