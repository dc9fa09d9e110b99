import type { TissueMask } from './mask.ts';

/** The share of tissue in a rectangle of level 0, with the fractions of mask pixels at its edges. */
export type TissueFraction = (rectangle: { x: number; y: number; width: number; height: number }) => number;

export function tissueFraction(
  { width, height, values }: TissueMask,
  slide: { width: number; height: number },
): TissueFraction {
  const sums = new Uint32Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += values[y * width + x]!;
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + row;
    }
  }
  const at = (x: number, y: number): number => {
    const [column, row] = [Math.min(width, Math.floor(x)), Math.min(height, Math.floor(y))];
    const [right, below] = [Math.min(width, column + 1), Math.min(height, row + 1)];
    const [u, v] = [x - column, y - row];
    const [a, b] = [sums[row * (width + 1) + column]!, sums[row * (width + 1) + right]!];
    const [c, d] = [sums[below * (width + 1) + column]!, sums[below * (width + 1) + right]!];
    return (a * (1 - u) + b * u) * (1 - v) + (c * (1 - u) + d * u) * v;
  };
  const [scaleX, scaleY] = [width / slide.width, height / slide.height];
  return (rectangle) => {
    const [left, right] = [rectangle.x, rectangle.x + rectangle.width].map((x) =>
      Math.min(width, Math.max(0, x * scaleX)),
    );
    const [top, bottom] = [rectangle.y, rectangle.y + rectangle.height].map((y) =>
      Math.min(height, Math.max(0, y * scaleY)),
    );
    const [x0, x1, y0, y1] = [left ?? 0, right ?? 0, top ?? 0, bottom ?? 0];
    const area = rectangle.width * scaleX * rectangle.height * scaleY;
    return area === 0 ? 0 : (at(x1, y1) - at(x0, y1) - at(x1, y0) + at(x0, y0)) / area;
  };
}
