import { laplacianOfGaussian, type Grid, undecimatedHaar } from './filters.ts';
import { firstOrder } from './first-order.ts';
import { glcm } from './glcm.ts';
import { glrlm } from './glrlm.ts';
import { glszm } from './glszm.ts';
import { ngtdm } from './ngtdm.ts';
import { discretise } from './region.ts';

/** Counts up with every change of the numbers: what is remembered under an older one is not used. */
export const radiomicsVersion = 1;

/** Grey levels of each image and of each of its filtered versions, from its own minimum to its own maximum. */
const grayLevels = 32;
/** Of the Laplacian of Gaussian, in pixels: fine and coarse texture. */
const sigmas = [1, 3] as const;

/** First order, GLCM, GLRLM, GLSZM, NGTDM. */
export const radiomicsPerImage = 79;
export const radiomicsImages = [
  'original',
  ...sigmas.map((sigma) => `LoG ${sigma}`),
  'LL',
  'high in x',
  'high in y',
  'HH',
];
export const radiomicsWidth = radiomicsPerImage * radiomicsImages.length;

/**
 * Radiomic features of a whole image in 0…1: 79 of the original and, where they are asked for, after them 79 each of two Laplacians of
 * Gaussian and of the four bands of an undecimated Haar wavelet. They need no network. A feature that a flat image does not have is 0.
 */
export function radiomicsVector(
  pixels: ArrayLike<number>,
  { width, height, filtered }: { width: number; height: number; filtered: boolean },
): Float64Array {
  const original: Grid = { pixels: Float64Array.from(pixels), width, height };
  const versions = filtered
    ? [...sigmas.map((sigma) => laplacianOfGaussian(original, sigma)), ...undecimatedHaar(original)]
    : [];
  return Float64Array.from([original, ...versions].flatMap(featuresOf));
}

function featuresOf(image: Grid): number[] {
  const { pixels, width, height } = image;
  const region = discretise(pixels, { mask: null, binning: { count: grayLevels }, width, height });
  return [firstOrder(pixels, region), glcm(region), glrlm(region), glszm(region), ngtdm(region)].flatMap((features) =>
    Object.values(features).map((value) => (Number.isFinite(value) ? value : 0)),
  );
}
