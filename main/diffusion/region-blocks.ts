export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A block of a large region, in positions of the latent. */
export interface RegionBlock {
  column: number;
  row: number;
  /** What this block decides. */
  inner: Rectangle;
  /** What is denoised for it: the inner part, strips of the finished neighbours above and at the left, a margin below and at the right. */
  region: Rectangle;
}

export interface BlockPlan {
  blocks: RegionBlock[];
  columns: number;
  rows: number;
}

/**
 * Blocks that cover a region of any size, row by row. Within a block overlapping windows are fused at every step (Bar-Tal et al. 2023,
 * MultiDiffusion). What goes over to the next block is not a picture but the strip's way through all noise levels, so that the windows
 * which reach into it continue what is there, and memory follows from the block alone. The margin is denoised to give the block's
 * own edge its surroundings, and made anew by the next block from the same noise.
 */
export function planBlocks(
  whole: { width: number; height: number },
  { side, strip, margin, window }: { side: number; strip: number; margin: number; window: number },
): BlockPlan {
  const [across, down] = [cut(whole.width, side), cut(whole.height, side)];
  const blocks = down.flatMap((y, row) =>
    across.map((x, column): RegionBlock => {
      const inner = { x, y, width: Math.min(side, whole.width - x), height: Math.min(side, whole.height - y) };
      const [horizontal, vertical] = [
        around(inner.x, inner.width, { strip, margin, window, limit: whole.width }),
        around(inner.y, inner.height, { strip, margin, window, limit: whole.height }),
      ];
      const region = { x: horizontal.from, y: vertical.from, width: horizontal.length, height: vertical.length };
      return { column, row, inner, region };
    }),
  );
  return { blocks, columns: across.length, rows: down.length };
}

function cut(length: number, side: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(length / side)) }, (_, i) => i * side);
}

/** Never smaller than a window; where the rest of the region is, more of it belongs to the margin. */
function around(
  from: number,
  length: number,
  { strip, margin, window, limit }: { strip: number; margin: number; window: number; limit: number },
): { from: number; length: number } {
  const start = Math.max(0, from - strip);
  const end = Math.min(limit, Math.max(from + length + margin, start + window));
  // At the far edge the strip is what gives way to the left.
  const first = Math.max(0, Math.min(start, end - window));
  return { from: first, length: end - first };
}
