import type { DiffusionFamily } from '../../../preload/domain.ts';

/** What a person sees. */
export const familyNames: Record<DiffusionFamily, string> = {
  ddpm: 'Pixel diffusion (DDPM)',
  ldm: 'Latent diffusion (LDM)',
  wdm: 'Wavelet diffusion (WDM)',
  lwdm: 'Latent wavelet diffusion (LWDM)',
};
