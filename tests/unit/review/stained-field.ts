import { cubicResize } from '../../../main/review/cubic-resize.ts';
import type { RandomSource } from '../../../main/review/random.ts';

/** A smooth random field in the colours of haematoxylin and eosin, with fine grain; interleaved RGB. */
export function stainedField(side: number, random: RandomSource, { grain = 6 } = {}): Uint8Array {
  const coarse = Math.max(3, Math.round(side / 8));
  const blobs = Float32Array.from({ length: coarse * coarse }, () => random.below(1000) / 1000);
  const field = cubicResize(blobs, { width: coarse, height: coarse }, { width: side, height: side });
  const rgb = new Uint8ClampedArray(3 * side * side);
  for (let i = 0; i < side * side; i++) {
    const noise = ((random.below(1000) - 500) / 500) * grain;
    const share = Math.min(1, Math.max(0, field[i]!));
    rgb[3 * i] = 235 - 140 * share + noise;
    rgb[3 * i + 1] = 180 - 110 * share + noise;
    rgb[3 * i + 2] = 215 - 75 * share + noise;
  }
  return new Uint8Array(rgb.buffer);
}
