import type { Grid } from './wavelets/haar.ts';

/** Where the tiles of one side begin; together they cover it. */
export type Corner = { x: number; y: number };

/** Neighbours share at least this part of a tile's side, over which one fades into the other. */
const leastOverlap = 0.25;

/** Upper left corners of equal tiles that cover the grid, evenly spread. Throws RangeError where a tile is larger than the grid. */
export function planTiles(whole: Grid, tile: Grid): Corner[] {
  const [columns, rows] = [origins(whole.width, tile.width), origins(whole.height, tile.height)];
  return rows.flatMap((y) => columns.map((x) => ({ x, y })));
}

function origins(side: number, tile: number): number[] {
  if (tile > side) throw new RangeError(`A tile of ${tile} is larger than the side of ${side}.`);
  const step = Math.max(1, Math.floor(tile * (1 - leastOverlap)));
  const count = Math.ceil((side - tile) / step) + 1;
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * (side - tile)) / (count - 1))));
}

/** One tile of values [C, H, W]; a new array. */
export function cutTile(
  values: Float64Array,
  whole: Grid,
  { tile, corner }: { tile: Grid; corner: Corner },
): Float64Array {
  const cut = new Float64Array(tile.channels * tile.height * tile.width);
  eachRow(whole, { tile, corner }, (at, row) => cut.set(values.subarray(at, at + tile.width), row * tile.width));
  return cut;
}

/**
 * Adds up overlapping tiles, each weighted by its distance to the tile's edge, so that one fades into the other without a seam.
 * Values that neighbouring tiles agree on come out as they are.
 */
export function createBlend(
  whole: Grid,
  tile: Grid,
): { add(values: ArrayLike<number>, corner: Corner): void; result(): Float64Array } {
  const sum = new Float64Array(whole.channels * whole.height * whole.width);
  const weights = new Float64Array(sum.length);
  const [across, down] = [fade(tile.width), fade(tile.height)];
  return {
    add: (values, corner) => {
      eachRow(whole, { tile, corner }, (at, row) => {
        const weightDown = down[row % tile.height] ?? 0;
        for (let x = 0; x < tile.width; x++) {
          const weight = weightDown * (across[x] ?? 0);
          sum[at + x] = (sum[at + x] ?? 0) + weight * (values[row * tile.width + x] ?? 0);
          weights[at + x] = (weights[at + x] ?? 0) + weight;
        }
      });
    },
    result: () => sum.map((value, i) => value / (weights[i] ?? 1)),
  };
}

/** Rises linearly from each edge to the middle, never 0. */
function fade(side: number): Float64Array {
  return Float64Array.from({ length: side }, (_, i) => Math.min(i + 1, side - i));
}

/** Where each row of the tile, channel after channel, begins in the whole. */
function eachRow(
  whole: Grid,
  { tile, corner }: { tile: Grid; corner: Corner },
  use: (at: number, row: number) => void,
): void {
  for (let channel = 0; channel < tile.channels; channel++) {
    for (let y = 0; y < tile.height; y++) {
      use((channel * whole.height + corner.y + y) * whole.width + corner.x, channel * tile.height + y);
    }
  }
}
