import type { Grid } from '../wavelets/haar.ts';
import { haarPacket, inverseHaarPacket } from '../wavelets/haar.ts';
import type { DiffusionFamilyRules, DiffusionSpace, SpaceSettings } from './family.ts';

/** Diffusion on Haar wavelet packets of the pixels. */
export const wdm: DiffusionFamilyRules = {
  usesAutoencoder: false,
  usesWavelet: true,
  space: ({ image, wavelet }) => (wavelet === null ? null : packetSpace(image, wavelet)),
};

/**
 * Haar packets of any base, channel by channel: latent channel c · bands + i is band `bandOrder[i]` of base channel c. One
 * factor for all bands keeps white noise white.
 */
export function packetSpace(base: Grid, wavelet: NonNullable<SpaceSettings['wavelet']>): DiffusionSpace {
  const { bandOrder, scale } = wavelet;
  const side = Math.sqrt(bandOrder.length);
  return {
    base,
    autoencoded: false,
    latent: { channels: base.channels * bandOrder.length, height: base.height / side, width: base.width / side },
    relativeCost: 1 / bandOrder.length,
    encode: (values) => haarPacket(values, base, bandOrder).map((value) => value * scale),
    decode: (sample) =>
      inverseHaarPacket(
        sample.map((value) => value / scale),
        base,
        bandOrder,
      ),
  };
}
