import type { DiffusionFamilyRules } from './family.ts';
import { latentGrid } from './family.ts';
import { packetSpace } from './wdm.ts';

/** Diffusion on Haar wavelet packets of an autoencoder's latent: both savings multiply. */
export const lwdm: DiffusionFamilyRules = {
  usesAutoencoder: true,
  usesWavelet: true,
  space: ({ image, autoencoder, wavelet }) => {
    if (autoencoder === null || wavelet === null) return null;
    const { factor, scale } = autoencoder;
    const packets = packetSpace(latentGrid(image, autoencoder), { ...wavelet, scale: wavelet.scale * scale });
    return { ...packets, autoencoded: true, relativeCost: packets.relativeCost / factor ** 2 };
  },
};
