import { readWindow } from './resample.ts';
import type { Picture, Slide } from './slide.ts';

/** Sides of what a slide is looked at as a whole: at most this, and never larger than the slide. */
export const overviewSide = 2048;

export interface Overview extends Picture {
  /** Pixels of level 0 along one pixel of the overview. */
  downsample: number;
}

/** The whole slide as one small picture, read in bands, so that memory follows from the band also where there is one level only. */
export async function readOverview(
  slide: Slide,
  options: { side?: number; signal?: AbortSignal } = {},
): Promise<Overview> {
  const [{ width, height } = { width: 1, height: 1 }] = slide.levels;
  const side = options.side ?? overviewSide;
  const downsample = Math.max(1, Math.max(width, height) / side);
  const columns = Math.max(1, Math.round(width / downsample));
  const rows = Math.max(1, Math.round(height / downsample));
  const rgb = new Uint8Array(columns * rows * 3);
  const [stepX, stepY] = [width / columns, height / rows];
  const [most, block] = [64, 128];
  for (let y = 0; y < rows; y += most) {
    for (let x = 0; x < columns; x += block) {
      options.signal?.throwIfAborted();
      const size = { columns: Math.min(block, columns - x), rows: Math.min(most, rows - y) };
      const window = { x: x * stepX, y: y * stepY, width: size.columns * stepX, height: size.rows * stepY, ...size };
      const part = await readWindow(slide, window);
      for (let line = 0; line < size.rows; line++) {
        rgb.set(
          part.rgb.subarray(line * size.columns * 3, (line + 1) * size.columns * 3),
          ((y + line) * columns + x) * 3,
        );
      }
    }
  }
  return { width: columns, height: rows, rgb, downsample };
}
