import { fitToGrid } from '../resample.ts';
import type { Picture } from '../slide/slide.ts';

/**
 * The middle of a picture on a grid, `ratio` of its pixels along each pixel of the grid: nothing is padded, as a border would tell
 * where the picture came from. Where the picture is too small for that ratio, as much of it as has the shape of the grid.
 */
export function fitPicture(picture: Picture, grid: { width: number; height: number }, ratio: number): Picture {
  const most = Math.min(picture.width / grid.width, picture.height / grid.height);
  const used = Math.min(ratio, most);
  const middle = cropMiddle(picture, {
    width: Math.max(1, Math.round(grid.width * used)),
    height: Math.max(1, Math.round(grid.height * used)),
  });
  if (middle.width === grid.width && middle.height === grid.height) return middle;
  const rgb = new Uint8ClampedArray(grid.width * grid.height * 3);
  for (let channel = 0; channel < 3; channel++) {
    const pixels = Float32Array.from({ length: middle.width * middle.height }, (_, i) => middle.rgb[3 * i + channel]!);
    // Without air: the spacing that makes the middle fill the grid.
    const spacingMm = [grid.width / middle.width, grid.height / middle.height] as const;
    const slice = { width: middle.width, height: middle.height, spacingMm, pixels };
    const window = { centre: 127.5, width: 255 };
    fitToGrid(slice, { ...grid, window, storedMin: 0, storedMax: 255 }).forEach((value, i) => {
      rgb[3 * i + channel] = value;
    });
  }
  return { ...grid, rgb: new Uint8Array(rgb.buffer) };
}

function cropMiddle({ width, height, rgb }: Picture, size: { width: number; height: number }): Picture {
  if (size.width === width && size.height === height) return { width, height, rgb };
  const [left, top] = [Math.floor((width - size.width) / 2), Math.floor((height - size.height) / 2)];
  const cropped = new Uint8Array(size.width * size.height * 3);
  for (let y = 0; y < size.height; y++) {
    const from = ((top + y) * width + left) * 3;
    cropped.set(rgb.subarray(from, from + size.width * 3), y * size.width * 3);
  }
  return { ...size, rgb: cropped };
}
