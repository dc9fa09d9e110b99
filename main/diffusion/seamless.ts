import type { Grid } from './wavelets/haar.ts';

/**
 * Puts what was made into the source: outside the mask every value is the source's, inside it is the made one plus the
 * smoothest surface that takes up the difference at the mask's edge (Pérez et al. 2003: Laplace's equation with the
 * difference as boundary), so that no seam shows. At the image's border the surface ends flat. `unknown` is one value a
 * pixel, not 0 inside the mask; `made` and `source` are [C, H, W]. Writes `made`.
 */
export function joinSeamlessly(made: Float32Array, source: Float32Array, unknown: Uint8Array, grid: Grid): void {
  const plane = grid.height * grid.width;
  for (let channel = 0; channel < grid.channels; channel++) {
    const own = made.subarray(channel * plane, (channel + 1) * plane);
    const kept = source.subarray(channel * plane, (channel + 1) * plane);
    const surface = Float64Array.from(own, (value, i) => (unknown[i] === 0 ? (kept[i] ?? 0) - value : 0));
    relax(surface, unknown, grid);
    for (let i = 0; i < plane; i++) own[i] = unknown[i] === 0 ? (kept[i] ?? 0) : (own[i] ?? 0) + (surface[i] ?? 0);
  }
}

/** Successive over-relaxation in place; converged to a millionth of the largest difference. */
function relax(surface: Float64Array, unknown: Uint8Array, { height, width }: Grid): void {
  const cells = neighbourhoods(unknown, height, width);
  if (cells.length === 0 || cells.length === surface.length) return;
  const span = Math.min(Math.max(height, width), Math.ceil(Math.sqrt(cells.length)) * 2);
  const push = 2 / (1 + Math.sin(Math.PI / (span + 1)));
  const largest = surface.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let round = 0; round < 20 * span; round++) {
    let change = 0;
    for (const [cell, neighbours] of cells) {
      let sum = 0;
      for (const neighbour of neighbours) sum += surface[neighbour] ?? 0;
      const step = push * (sum / neighbours.length - (surface[cell] ?? 0));
      surface[cell] = (surface[cell] ?? 0) + step;
      change = Math.max(change, Math.abs(step));
    }
    if (change <= 1e-6 * largest) return;
  }
}

/** Each unknown pixel with its neighbours above, below and beside it. */
function neighbourhoods(unknown: Uint8Array, height: number, width: number): [number, number[]][] {
  const cells: [number, number[]][] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = y * width + x;
      if (unknown[cell] === 0) continue;
      const neighbours: number[] = [];
      if (y > 0) neighbours.push(cell - width);
      if (y < height - 1) neighbours.push(cell + width);
      if (x > 0) neighbours.push(cell - 1);
      if (x < width - 1) neighbours.push(cell + 1);
      if (neighbours.length > 0) cells.push([cell, neighbours]);
    }
  }
  return cells;
}
