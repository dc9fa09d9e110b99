import type { DiffusionFamily } from '../../../preload/domain.ts';
import type { BandName, Grid } from '../wavelets/haar.ts';
import { pixelSpace } from './ddpm.ts';
import type { DiffusionSpace } from './family.ts';
import { waveletSpace } from './wdm.ts';

export interface SpaceSettings {
  image: Grid;
  wavelet: { bandOrder: readonly BandName[]; scale: number } | null;
}

/** The families this version can run; each makes its space, or null where the settings lack what it needs. */
export const families: Partial<Record<DiffusionFamily, (settings: SpaceSettings) => DiffusionSpace | null>> = {
  ddpm: ({ image }) => pixelSpace(image),
  wdm: ({ image, wavelet }) => (wavelet === null ? null : waveletSpace(image, wavelet)),
};
