import sharp from 'sharp';
import type { TissueMask } from './mask.ts';

const colour = [64, 190, 255] as const;

/** A picture to lie over the slide: coloured and half seen through where tissue is, nothing elsewhere; at most so large. */
export function maskOverlay({ width, height, values }: TissueMask, side = 1024): Promise<Uint8Array> {
  const step = Math.max(1, Math.ceil(Math.max(width, height) / side));
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const rgba = Buffer.alloc(columns * rows * 4);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (values[y * step * width + x * step] === 1) rgba.set([...colour, 64], (y * columns + x) * 4);
    }
  }
  return sharp(rgba, { raw: { width: columns, height: rows, channels: 4 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}
