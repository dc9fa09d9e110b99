/** The survey's experiments on single images and on latents: plain types. */
import type { DiffusionFamily, ImageDescription } from './domain.ts';

export const waveletNames = ['haar', 'db2', 'db4', 'bior2.2'] as const;
export type LabWavelet = (typeof waveletNames)[number];
export const waveletModes = ['periodization', 'symmetric'] as const;
export type LabWaveletMode = (typeof waveletModes)[number];

export interface WaveletBand {
  /** Identifies the band among those of the decomposition: level, then the key of the band. */
  id: string;
  /** 1 = finest. */
  level: number;
  title: string;
  coefficients: number;
  /** Of all bands; with an orthogonal wavelet and periodization of the energy of the image. */
  energyShare: number;
  zeroed: boolean;
}

export interface WaveletView {
  /** How often the image can be split with this wavelet. */
  largestLevel: number;
  bands: WaveletBand[];
  /** Share of the coefficients that are not zero after editing. */
  keptShare: number;
  energyKept: number;
  original: ImageDescription;
  /** All bands in the places of a pyramid, each through a window of its own. */
  pyramid: ImageDescription;
  restored: ImageDescription;
  /** restored − original. */
  difference: ImageDescription;
  /** Of values in 0…1; psnrDb null where nothing differs. */
  error: { largest: number; rootMeanSquare: number; psnrDb: number | null };
}

export interface Reconstruction {
  modelId: string;
  original: ImageDescription;
  restored: ImageDescription;
  difference: ImageDescription;
  /** Of the latent that stood between: its channels as images. */
  latents: ImageDescription[];
  compression: number;
  psnrDb: number | null;
  ssim: number;
  meanAbsoluteError: number;
  /** Mean distance of local means, contrasts and edges (gradient magnitude similarity deviation); 0 = the same. */
  gradientDeviation: number;
}

export interface Interpolation {
  modelId: string;
  frames: { share: number; image: ImageDescription }[];
}

export interface MapPoint {
  x: number;
  y: number;
  set: string;
  synthetic: boolean;
  label: string;
  name: string;
}

export interface LatentMap {
  runId: string;
  method: 'pca' | 'umap';
  /** Latents of this model; null: pixels. */
  modelId: string | null;
  points: MapPoint[];
  /** Thumbnails in the order of the points: a sheet of this many columns of squares of this many pixels. */
  sheet: { name: string; columns: number; side: number };
  /** Share of the variance on the first two axes; PCA only. */
  explained: [number, number] | null;
  warnings: string[];
}

/** What a pack costs, from its graphs; seconds as measured on this machine. */
export interface ComplexityRow {
  modelId: string;
  name: string;
  family: DiffusionFamily;
  image: string;
  /** Where the denoiser works. */
  sample: string;
  parameters: number;
  gflopsPerStep: number | null;
  gflopsDecode: number | null;
  activationMb: number | null;
  /** Of one image and step, by the last benchmark or run on this machine; null before. */
  secondsPerStep: number | null;
  measuredBy: 'benchmark' | 'run' | null;
}
