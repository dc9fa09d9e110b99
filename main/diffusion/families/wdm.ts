import type { BandName, Grid } from '../wavelets/haar.ts';
import { haarPacket, inverseHaarPacket } from '../wavelets/haar.ts';
import type { DiffusionSpace } from './family.ts';

/** Diffusion on Haar wavelet packets; sample = coefficient × scale. One factor for all bands keeps white noise white. */
export function waveletSpace(image: Grid, wavelet: { bandOrder: readonly BandName[]; scale: number }): DiffusionSpace {
  const { bandOrder, scale } = wavelet;
  const side = Math.sqrt(bandOrder.length);
  const latent = {
    channels: image.channels * bandOrder.length,
    height: image.height / side,
    width: image.width / side,
  };
  return {
    latent,
    relativeCost: 1 / bandOrder.length,
    encode: (pixels) => haarPacket(pixels, image, bandOrder).map((value) => value * scale),
    decode: (sample) =>
      inverseHaarPacket(
        sample.map((value) => value / scale),
        image,
        bandOrder,
      ),
  };
}
