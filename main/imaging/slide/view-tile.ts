import { encodePicture } from './picture-file.ts';
import { readWindow } from './resample.ts';
import type { Slide } from './slide.ts';

/** Sides of the tiles that viewers ask for. */
export const viewTileSide = 512;

/** The finest level of the view: each level halves the next, down to one pixel. */
export function viewLevels({ levels }: Pick<Slide, 'levels'>): number {
  const [{ width, height } = { width: 1, height: 1 }] = levels;
  return Math.ceil(Math.log2(Math.max(width, height, 1)));
}

/** One tile of the view as a JPEG; null where the slide has none there. Throws what reading a tile throws. */
export async function readViewTile(
  slide: Slide,
  { level, column, row }: { level: number; column: number; row: number },
): Promise<Uint8Array | null> {
  const scale = 2 ** (viewLevels(slide) - level);
  const [{ width, height } = { width: 0, height: 0 }] = slide.levels;
  const [columns, rows] = [Math.ceil(width / scale), Math.ceil(height / scale)];
  const [x, y] = [column * viewTileSide, row * viewTileSide];
  const size = { columns: Math.min(viewTileSide, columns - x), rows: Math.min(viewTileSide, rows - y) };
  if (scale < 1 || size.columns <= 0 || size.rows <= 0) return null;
  const window = { x: x * scale, y: y * scale, width: size.columns * scale, height: size.rows * scale, ...size };
  return encodePicture(await readWindow(slide, window), { format: 'jpeg', quality: 88, synthetic: slide.synthetic });
}
