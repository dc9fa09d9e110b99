import { aucWithInterval } from './delong.ts';

/** Side of the squares that JPEG codes one by one. */
const square = 8;
/** Fewer squares than this along a side tell nothing. */
const fewestSquares = 4;

/**
 * How much the steps between neighbouring pixels grow where JPEG's squares meet, against the mean step: 0.3 of a scan of quality 70, 0.05
 * where there are none, as the largest of the eight places that the squares may begin at. 0 for a picture below 32 pixels.
 */
export function jpegSquares(grey: Float32Array, { width, height }: { width: number; height: number }): number {
  if (Math.min(width, height) < fewestSquares * square) return 0;
  const across = growth(grey, { pixel: 1, length: width, line: width, lines: height });
  const down = growth(grey, { pixel: width, length: height, line: 1, lines: width });
  return (across + down) / 2;
}

/** Along one axis: steps less half of those on either side, so that texture cancels and a border of squares stays. */
function growth(
  grey: Float32Array,
  { pixel, length, line, lines }: { pixel: number; length: number; line: number; lines: number },
): number {
  const excess = new Float64Array(square);
  const counts = new Float64Array(square);
  let all = 0;
  for (let place = 2; place < length - 1; place++) {
    let [step, beside] = [0, 0];
    for (let at = place * pixel, k = 0; k < lines; k++, at += line) {
      const [a, b, c, d] = [grey[at - 2 * pixel]!, grey[at - pixel]!, grey[at]!, grey[at + pixel]!];
      step += Math.abs(c - b);
      beside += (Math.abs(b - a) + Math.abs(d - c)) / 2;
    }
    excess[place % square]! += step - beside;
    counts[place % square]! += 1;
    all += step;
  }
  const mean = all / (length - 3);
  return mean < 1e-9 ? 0 : Math.max(...excess.map((sum, at) => sum / counts[at]!)) / mean;
}

/** Beyond this from 0.5 the squares give a class away. */
const tellingArea = 0.2;

/**
 * The quality of one more JPEG coding after which the squares stand out alike in both classes, from measurements without it and at each
 * quality; the higher one of two that are as good. Null where the squares do not tell, or no coding helps.
 */
export function equalisingQuality(
  without: SquaresOfClasses,
  coded: readonly ({ quality: number } & SquaresOfClasses)[],
): number | null {
  const distance = (rated: SquaresOfClasses) => Math.abs(aucWithInterval(rated).value - 0.5);
  const untouched = distance(without);
  if (untouched <= tellingArea) return null;
  const best = coded
    .map((one) => ({ quality: one.quality, distance: distance(one) }))
    .toSorted((a, b) => a.distance - b.distance || b.quality - a.quality)[0];
  return best !== undefined && best.distance < untouched ? best.quality : null;
}

export interface SquaresOfClasses {
  real: readonly number[];
  synthetic: readonly number[];
}
