import type { VoiWindow } from '../../../preload/domain.ts';

export interface Picture {
  width: number;
  height: number;
  pixels: Float32Array;
}

/** Draws values through window and colour table onto a canvas of the picture's own size. */
export function paintPicture(canvas: OffscreenCanvas, picture: Picture, window: VoiWindow, table: Uint32Array): void {
  const { width, height, pixels } = picture;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This system gives no 2-D canvas.');
  const data = context.createImageData(width, height);
  const colours = new Uint32Array(data.data.buffer);
  const scale = 255 / Math.max(window.width, Number.EPSILON);
  const low = window.centre - window.width / 2;
  for (let index = 0; index < colours.length; index += 1) {
    const grey = (pixels[index]! - low) * scale;
    colours[index] = table[grey <= 0 || Number.isNaN(grey) ? 0 : grey >= 255 ? 255 : Math.round(grey)]!;
  }
  context.putImageData(data, 0, 0);
}

/** Where the picture lies on a canvas, in device pixels: whole in view at zoom 1, proportions from spacing. */
export function placePicture(
  picture: { width: number; height: number; spacingMm: readonly [number, number] },
  canvas: { width: number; height: number },
  view: { zoom: number; panX: number; panY: number },
): { x: number; y: number; width: number; height: number } {
  const [spacingX, spacingY] = picture.spacingMm;
  const widthMm = picture.width * (spacingX || 1);
  const heightMm = picture.height * (spacingY || 1);
  const scale = Math.min(canvas.width / widthMm, canvas.height / heightMm) * view.zoom;
  const width = widthMm * scale;
  const height = heightMm * scale;
  return {
    x: (canvas.width - width) / 2 + view.panX * width,
    y: (canvas.height - height) / 2 + view.panY * height,
    width,
    height,
  };
}
