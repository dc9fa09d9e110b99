import { levelAt, type Picture, type Slide } from './slide.ts';

/** In pixels of one level; may reach beyond the slide, where it is white. */
export interface Region {
  level: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A rectangle of a level, put together from the tiles that it touches. Throws what reading a tile throws. */
export async function readRegion(slide: Slide, region: Region): Promise<Picture> {
  const level = levelAt(slide, region.level);
  const { x, y, width, height } = region;
  const [right, bottom] = [Math.min(x + width, level.width), Math.min(y + height, level.height)];
  const isInside = x >= 0 && y >= 0 && right === x + width && bottom === y + height;
  const bytes = width * height * 3;
  const rgb = isInside ? Buffer.allocUnsafe(bytes) : new Uint8Array(bytes).fill(255);
  const work: Promise<void>[] = [];
  for (let row = Math.max(0, Math.floor(y / level.tileHeight)); row * level.tileHeight < bottom; row++) {
    for (let column = Math.max(0, Math.floor(x / level.tileWidth)); column * level.tileWidth < right; column++) {
      const [tileX, tileY] = [column * level.tileWidth, row * level.tileHeight];
      const [fromX, toX] = [Math.max(x, tileX), Math.min(right, tileX + level.tileWidth)];
      const [fromY, toY] = [Math.max(y, tileY), Math.min(bottom, tileY + level.tileHeight)];
      if (toX <= fromX || toY <= fromY) continue;
      work.push(
        slide.readTile(region.level, column, row).then((tile) => {
          for (let line = fromY; line < toY; line++) {
            const at = ((line - tileY) * level.tileWidth + fromX - tileX) * 3;
            rgb.set(tile.subarray(at, at + (toX - fromX) * 3), ((line - y) * width + fromX - x) * 3);
          }
        }),
      );
    }
  }
  await Promise.all(work);
  return { width, height, rgb };
}
