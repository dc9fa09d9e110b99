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

export interface SquaresOfClasses {
  real: readonly number[];
  synthetic: readonly number[];
}

/** Beyond this from 0.5 the squares give a class away. */
const tellingArea = 0.2;
/** Finer coding leaves no trace, coarser spoils what is judged. */
const qualities = [95, 92, 89, 86, 83, 80, 77, 74, 70, 65, 60];
/** A coarser coding must be better by more than this. */
const gain = 0.05;

/**
 * The quality of one more JPEG coding after which the squares stand out most alike in both classes; null where they do not tell, or no
 * coding helps. `measure` gives the squares after coding at a quality, or without it. The coarser the coding, the more its own squares
 * cover older ones and show in the class that had none; beyond the quality at which they show there more, it only gets worse.
 */
export async function equalisingQuality(
  measure: (quality: number | null) => Promise<SquaresOfClasses>,
): Promise<number | null> {
  const excess = async (quality: number | null) => aucWithInterval(await measure(quality)).value - 0.5;
  const untouched = await excess(null);
  if (Math.abs(untouched) <= tellingArea) return null;
  let best: { quality: number | null; distance: number } = { quality: null, distance: Math.abs(untouched) };
  for (const quality of qualities) {
    const found = await excess(quality);
    if (Math.abs(found) < best.distance - gain) best = { quality, distance: Math.abs(found) };
    if (found === 0 || Math.sign(found) !== Math.sign(untouched)) break;
  }
  return best.quality;
}
