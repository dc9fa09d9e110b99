/** A region that a reader marked: centre and radius as parts of the image's width and height. */
export interface MarkedRegion {
  x: number;
  y: number;
  radius: number;
}

export interface MarkDensity {
  /** size × size, row by row from the top left; marks per image area, so that their mean is the number of marks. */
  values: Float32Array;
  size: number;
  highest: number;
}

/** A mark of one point still has some extent. */
const leastDeviation = 0.02;

/**
 * Kernel density of marked regions over the image: for each mark a Gaussian whose standard deviation is half the radius that the reader
 * drew, so that about 86 % of it lie in the marked circle (sample-point estimator, Terrell and Scott 1992, Ann. Statist. 20, 1236); what
 * would fall outside the image is put back inside, so that every mark counts as one.
 */
export function markDensity(marks: readonly MarkedRegion[], size = 64): MarkDensity {
  const values = new Float32Array(size * size);
  for (const { x, y, radius } of marks) {
    const deviation = Math.max(leastDeviation, radius / 2);
    const [across, down] = [kernel(x, deviation, size), kernel(y, deviation, size)];
    for (const [row, weight] of down.entries())
      for (const [column, other] of across.entries()) values[row * size + column]! += weight * other;
  }
  return { values, size, highest: values.reduce((most, value) => Math.max(most, value), 0) };
}

/** At the middles of `size` cells of 0 to 1, with the mean 1. */
function kernel(centre: number, deviation: number, size: number): Float64Array {
  const weights = Float64Array.from({ length: size }, (_, cell) =>
    Math.exp(-0.5 * (((cell + 0.5) / size - centre) / deviation) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (weight / sum) * size);
}

/** Black body: dark red, orange, yellow, white; clear where nobody marked anything. RGBA, 0 to 255. */
export function heatColours({ values, highest }: MarkDensity): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(values.length * 4);
  if (highest === 0) return pixels;
  for (const [at, value] of values.entries()) {
    const heat = value / highest;
    const red = 110 + 435 * heat;
    pixels.set([red, 510 * heat - 130, 900 * heat - 640, 215 * Math.min(1, 2.5 * heat)], at * 4);
  }
  return pixels;
}
