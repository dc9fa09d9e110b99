/** Side of the squares that JPEG codes one by one. */
const square = 8;
/** Fewer borders of squares than this tell nothing. */
const fewestSquares = 4;

/**
 * How much the steps between neighbouring pixels stand out where JPEG's squares meet, in standard errors, across and down together.
 * `aligned`: squares that begin at the upper left corner; `shifted`: the best of the other places, which cutting a patch out of a
 * JPEG gives. Pictures that were never coded have about 0 and 2.5, as the largest of many.
 */
export interface JpegGrid {
  aligned: number;
  shifted: number;
}

/** Above this the squares of one picture are there; 120 uncoded and finely coded ones reached 3.4, of 60 cut from a scan the least had 5.5. */
export const visibleGrid = 4.5;

export function jpegGrid(grey: Float32Array, { width, height }: { width: number; height: number }): JpegGrid {
  if (Math.min(width, height) < fewestSquares * square) return { aligned: 0, shifted: 0 };
  const across = standOut(width, (x) => stepAt(grey, { first: x, pixel: 1, line: width, lines: height }));
  const down = standOut(height, (y) => stepAt(grey, { first: y * width, pixel: width, line: 1, lines: width }));
  const together = (one: number, other: number) => (one + other) / Math.SQRT2;
  return {
    aligned: together(across[0]!, down[0]!),
    shifted: together(Math.max(...across.slice(1)), Math.max(...down.slice(1))),
  };
}

/** For each of the eight places of the grid the mean step there against the others, in standard errors. */
function standOut(length: number, stepBefore: (place: number) => number): number[] {
  const steps = Array.from({ length: length - 3 }, (_, i) => ({ place: i + 2, step: stepBefore(i + 2) }));
  const mean = steps.reduce((sum, { step }) => sum + step, 0) / steps.length;
  const spread = Math.sqrt(steps.reduce((sum, { step }) => sum + (step - mean) ** 2, 0) / steps.length);
  return Array.from({ length: square }, (_, at) => {
    const here = steps.filter(({ place }) => place % square === at);
    const level = here.reduce((sum, { step }) => sum + step, 0) / here.length;
    return spread < 1e-9 ? 0 : (level - mean) / (spread / Math.sqrt(here.length));
  });
}

/** Mean over a line of the step onto `first` less half of the steps on either side: texture cancels, a border of squares stays. */
function stepAt(
  grey: Float32Array,
  { first, pixel, line, lines }: { first: number; pixel: number; line: number; lines: number },
): number {
  let sum = 0;
  for (let k = 0; k < lines; k++) {
    const at = first + k * line;
    const [a, b, c, d] = [grey[at - 2 * pixel]!, grey[at - pixel]!, grey[at]!, grey[at + pixel]!];
    sum += Math.abs(c - b) - (Math.abs(b - a) + Math.abs(d - c)) / 2;
  }
  return sum / lines;
}
