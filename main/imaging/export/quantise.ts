import { decimalString } from './part10.ts';

/** Stored value × slope + intercept = real value; slope and intercept as they stand in the file (DS). */
export interface Rescale {
  slope: number;
  intercept: number;
  signed: boolean;
}

/**
 * How values of a range go into 16 bits: whole numbers as they are where they fit, else linearly over all 65,536 steps.
 * The slope is the rounded one of the file, so that writing and reading use the same number.
 */
export function chooseRescale(range: { min: number; max: number }, whole: boolean): Rescale {
  const { min, max } = range;
  if (whole && min >= -32768 && max <= 32767) return { slope: 1, intercept: 0, signed: min < 0 };
  if (whole && min >= 0 && max <= 65535) return { slope: 1, intercept: 0, signed: false };
  const slope = Number(decimalString((max - min) / 65535)) || 1;
  return { slope, intercept: Number(decimalString(min)), signed: false };
}

export function quantise(values: ArrayLike<number>, { slope, intercept, signed }: Rescale): Uint16Array | Int16Array {
  const stored = signed ? new Int16Array(values.length) : new Uint16Array(values.length);
  const [low, high] = signed ? [-32768, 32767] : [0, 65535];
  for (let i = 0; i < stored.length; i++) {
    const value = Math.round(((values[i] ?? 0) - intercept) / slope);
    stored[i] = value < low ? low : value > high ? high : value;
  }
  return stored;
}
