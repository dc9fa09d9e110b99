import type { Slide } from '../slide.ts';
import type { TiffImage } from './image.ts';

/** What Aperio writes into ImageDescription: a line or two, then `|key = value`. */
export function aperioFacts(description: string): Pick<Slide, 'micronsPerPixel' | 'magnification' | 'properties'> {
  const [, ...pairs] = description.split('|');
  const properties = Object.fromEntries(
    pairs.flatMap((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]];
    }),
  ) as Record<string, string>;
  const mpp = Number(properties['MPP']);
  const power = Number(properties['AppMag']);
  return {
    micronsPerPixel: mpp > 0 ? { x: mpp, y: mpp } : null,
    magnification: power > 0 ? power : null,
    properties,
  };
}

/** A scan has between a hundredth and 20 µm per pixel; what printers and screens ask for (72 dpi) is no resolution of a slide. */
export function resolutionOf({ xResolution, yResolution, resolutionUnit }: TiffImage): Slide['micronsPerPixel'] {
  const unit = resolutionUnit === 3 ? 10_000 : resolutionUnit === 2 ? 25_400 : NaN;
  const [x, y] = [unit / xResolution, unit / (yResolution || xResolution)];
  return x > 0.01 && x < 20 && y > 0.01 && y < 20 ? { x, y } : null;
}

export const syntheticSentence = 'Synthetic image made by Verisim; not of a patient.';
export const derivedSentences = {
  variant: 'Synthetic image made by Verisim: a variant of a part of another slide.',
  detail:
    'Synthetic image made by Verisim: fine detail invented for a coarse picture of another slide (wavelet super-resolution).',
} as const;

export function coarseToFineSentence(scale: number): string {
  return `Its structures were drawn from noise at a coarse scale, ${scale} times smaller; the fine detail was added by wavelet super-resolution.`;
}

/** As this application marks what it makes, and by IPTC's digital source type. */
export function syntheticMark(description: string): boolean {
  return description.includes('Synthetic image made by Verisim') || /[tT]rainedAlgorithmicMedia/.test(description);
}
