import { defaultTiling } from '../../../../preload/slides.ts';
import type { SlideStatistics } from '../../../../preload/slides.ts';
import type { Slide } from '../slide.ts';
import type { TissueMask } from '../tissue/mask.ts';
import { focusOf } from './focus.ts';
import { findStains } from './macenko.ts';
import { readPlace } from './patch.ts';
import { planSlide, spread } from './tile-slide.ts';

const sampledPatches = 32;
const patchSide = 256;

/** Colours, stains and focus of patches spread over the tissue of a slide, at its own pixels. */
export async function measureStains(
  slide: Slide,
  mask: TissueMask,
): Promise<Omit<SlideStatistics, 'slideId' | 'name' | 'synthetic'>> {
  const { plan } = await planSlide(slide, { ...defaultTiling, size: patchSide }, mask);
  const places = spread(plan.places, sampledPatches);
  const pixels: Uint8Array[] = [];
  let focus = 0;
  for (const place of places) {
    const picture = await readPlace(slide, place, patchSide);
    focus += focusOf(picture) / places.length;
    // Every seventh pixel of a patch tells its colours.
    pixels.push(picture.rgb.filter((_, i) => Math.floor(i / 3) % 7 === 0));
  }
  const rgb = Buffer.concat(pixels);
  const count = Math.max(1, rgb.length / 3);
  const [sums, squares] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (let i = 0; i < rgb.length; i++) {
    const value = rgb[i]!;
    sums[i % 3] = sums[i % 3]! + value;
    squares[i % 3] = squares[i % 3]! + value * value;
  }
  const mean = sums.map((sum) => sum / count) as [number, number, number];
  const deviation = squares.map((square, c) => Math.sqrt(Math.max(0, square / count - mean[c]! ** 2))) as [
    number,
    number,
    number,
  ];
  const stains = findStains(rgb);
  return {
    patches: places.length,
    meanRgb: mean,
    deviationRgb: deviation,
    haematoxylin: stains?.haematoxylin ?? null,
    eosin: stains?.eosin ?? null,
    focus,
  };
}

type Vector = readonly [number, number, number];

/** Between two stain vectors, in degrees; null where one is not known. */
export function stainAngle(a: Vector | null, b: Vector | null): number | null {
  if (a === null || b === null) return null;
  const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  return (Math.acos(Math.min(1, dot / (Math.hypot(...a) * Math.hypot(...b)))) * 180) / Math.PI;
}
