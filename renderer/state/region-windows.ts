/** Blocks that a region is made of, in pixels along a side. */
export const blockSide = 512;

interface Size {
  width: number;
  height: number;
}

/**
 * Windows of a model that one step of a whole region takes. They share at least a quarter of their side, and a block reaches half
 * a window into its neighbours at each side. The engine cuts them (`planBlocks`, `planTiles`); here they are counted for the time that it takes.
 */
export function windowsOfRegion(region: Size, window: Size): number {
  return along(region.width, window.width) * along(region.height, window.height);
}

function along(length: number, window: number): number {
  const whole = Math.max(window, length);
  const step = Math.floor(window * 0.75);
  let sum = 0;
  for (let from = 0; from < whole; from += blockSide) {
    const start = Math.max(0, from - window / 2);
    const end = Math.min(whole, Math.max(from + blockSide + window / 2, start + window));
    const covered = end - Math.max(0, Math.min(start, end - window));
    sum += Math.ceil((covered - window) / step) + 1;
  }
  return sum;
}
