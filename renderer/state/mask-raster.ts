/** A mask over one slice as it is shown: a byte a pixel, row by row from the top; 1 = to be made anew. */
export interface MaskRaster {
  readonly columns: number;
  readonly rows: number;
  readonly values: Uint8Array<ArrayBuffer>;
}

/** In pixels; may reach beyond the slice. */
export interface MaskRectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type MaskPoint = readonly [x: number, y: number];

export function emptyMask(columns: number, rows: number): MaskRaster {
  return { columns, rows, values: new Uint8Array(columns * rows) };
}

/** Sets every pixel whose centre lies within `radius` pixels of the way from one point to another; changes the mask. */
export function paintStroke(
  mask: MaskRaster,
  { from, to, radius, value }: { from: MaskPoint; to: MaskPoint; radius: number; value: 0 | 1 },
): void {
  const [x0, y0] = from;
  const [dx, dy] = [to[0] - x0, to[1] - y0];
  const lengthSquared = dx * dx + dy * dy;
  const reach = {
    left: Math.min(x0, to[0]) - radius,
    top: Math.min(y0, to[1]) - radius,
    width: Math.abs(dx) + 2 * radius + 1,
    height: Math.abs(dy) + 2 * radius + 1,
  };
  paintWhere(mask, { within: reach, value }, (x, y) => {
    const along = lengthSquared === 0 ? 0 : ((x - x0) * dx + (y - y0) * dy) / lengthSquared;
    const nearest = Math.min(1, Math.max(0, along));
    return Math.hypot(x - x0 - nearest * dx, y - y0 - nearest * dy) <= radius;
  });
}

/** Sets every pixel whose centre lies in the rectangle; changes the mask. */
export function paintRectangle(mask: MaskRaster, rectangle: MaskRectangle, value: 0 | 1): void {
  paintWhere(mask, { within: rectangle, value }, () => true);
}

export function markedPixels({ values }: MaskRaster): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** A bit a pixel, the first pixel the highest bit of the first byte, as base64. */
export function packMask({ values }: MaskRaster): string {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, at) => {
    bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (value << (7 - (at % 8)));
  });
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The centre of pixel (column, row) lies at (column + 0.5, row + 0.5). */
function paintWhere(
  { columns, rows, values }: MaskRaster,
  { within, value }: { within: MaskRectangle; value: 0 | 1 },
  holds: (x: number, y: number) => boolean,
): void {
  const { left, top, width, height } = within;
  const lastRow = Math.min(rows, Math.ceil(top + height - 0.5));
  const lastColumn = Math.min(columns, Math.ceil(left + width - 0.5));
  for (let row = Math.max(0, Math.ceil(top - 0.5)); row < lastRow; row += 1) {
    for (let column = Math.max(0, Math.ceil(left - 0.5)); column < lastColumn; column += 1) {
      if (holds(column + 0.5, row + 0.5)) values[row * columns + column] = value;
    }
  }
}
