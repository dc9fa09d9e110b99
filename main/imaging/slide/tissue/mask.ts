import type { MaskStroke, TissueSettings } from '../../../../preload/slides.ts';
import type { TissueFeatures } from './features.ts';
import { cleanPieces } from './pieces.ts';

export interface TissueMask {
  width: number;
  height: number;
  /** 1 = tissue. */
  values: Uint8Array;
  /** What Otsu's method found or the settings said. */
  saturation: number;
}

/** Where the mask lies: pixels of level 0 along one of its own, and µm along one of level 0 (null where unknown). */
export interface MaskScale {
  downsample: number;
  micronsPerPixel: number | null;
}

/** A slide without a stated resolution is taken for one scanned at 20×. */
const usualMicronsPerPixel = 0.5;
/** Below this saturation even the darker half of a blank slide is glass. */
const leastSaturation = 13;
/** Glass is paler on average: where the paler half is not, the slide shows tissue alone, which Otsu's method would part in two. */
const mostOfGlass = 60;
/** A piece that covers so much of the picture is none to leave out, however small a part of tissue the picture shows. */
const smallShare = 0.05;

/** Tissue by colour or by texture, without small pieces and holes, then as the brush says. */
export function findTissue(features: TissueFeatures, settings: TissueSettings, scale: MaskScale): TissueMask {
  const { width, height, saturation, texture, ink } = features;
  const threshold = settings.saturation ?? saturationOfTissue(saturation);
  const values = new Uint8Array(saturation.length);
  const keepInk = !settings.withoutInk;
  for (let i = 0; i < values.length; i++) {
    const isTissue = saturation[i]! > threshold || texture[i]! > settings.texture;
    values[i] = isTissue && (keepInk || ink[i] === 0) ? 1 : 0;
  }
  const side = scale.downsample * (scale.micronsPerPixel ?? usualMicronsPerPixel);
  cleanPieces(values, features, {
    smallestPiece: Math.min(settings.smallestPieceUm2 / side ** 2, smallShare * values.length),
    largestHole: settings.largestHoleUm2 / side ** 2,
  });
  for (const stroke of settings.strokes) paint(values, { width, height }, stroke, scale.downsample);
  return { width, height, values, saturation: threshold };
}

function saturationOfTissue(saturation: Uint8Array): number {
  const threshold = otsu(saturation);
  let [below, sum] = [0, 0];
  for (const value of saturation) {
    if (value > threshold) continue;
    below += 1;
    sum += value;
  }
  const isGlassless = below > 0 && sum / below > mostOfGlass;
  return isGlassless ? leastSaturation : Math.max(leastSaturation, threshold);
}

/** The threshold that parts a histogram into the two classes with the largest variance between them (Otsu 1979). */
export function otsu(values: Uint8Array): number {
  const histogram = new Float64Array(256);
  for (let i = 0; i < values.length; i++) histogram[values[i]!] = histogram[values[i]!]! + 1;
  const sum = histogram.reduce((all, count, value) => all + count * value, 0);
  let [below, belowSum, best, threshold] = [0, 0, -1, 0];
  for (let value = 0; value < 255; value++) {
    below += histogram[value]!;
    belowSum += value * histogram[value]!;
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * (belowSum / below - (sum - belowSum) / above) ** 2;
    if (between > best) [best, threshold] = [between, value];
  }
  return threshold;
}

/** A stroke covers the discs along its line. */
function paint(
  values: Uint8Array,
  { width, height }: { width: number; height: number },
  stroke: MaskStroke,
  downsample: number,
): void {
  const radius = Math.max(0.5, stroke.radius / downsample);
  const points = stroke.points.map(([x, y]) => [x / downsample, y / downsample] as const);
  points.forEach(([x, y], i) => {
    const [x0, y0] = points[i - 1] ?? [x, y];
    for (
      let row = Math.max(0, Math.floor(Math.min(y, y0) - radius));
      row <= Math.min(height - 1, Math.max(y, y0) + radius);
      row++
    ) {
      for (
        let column = Math.max(0, Math.floor(Math.min(x, x0) - radius));
        column <= Math.min(width - 1, Math.max(x, x0) + radius);
        column++
      ) {
        const distance = distanceToLine([column + 0.5, row + 0.5], [x0, y0], [x, y]);
        if (distance <= radius) values[row * width + column] = stroke.add ? 1 : 0;
      }
    }
  });
}

type Point = readonly [number, number];

function distanceToLine([x, y]: Point, [x0, y0]: Point, [x1, y1]: Point): number {
  const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length));
  return Math.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0));
}
