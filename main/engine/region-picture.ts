import type { Rectangle } from '../diffusion/region-blocks.ts';
import type { Grid } from '../diffusion/wavelets/haar.ts';
import { toStored } from './generate-codec.ts';
import type { PackManifest } from './pack-schema.ts';
import { toColourBytes, toEightBits } from './stored-units.ts';

/** RGB, interleaved. */
export interface RegionPicture {
  rgb: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
}

/** The part of an image in the range of the model: colour as it is, grey through the pack's window and three times the same. */
export function pictureOf(
  model: Float64Array,
  image: Grid,
  { part, manifest }: { part: Rectangle; manifest: PackManifest },
): RegionPicture {
  const { width, height } = part;
  const cut = new Float64Array(image.channels * width * height);
  for (let row = 0; row < image.channels * height; row++) {
    const [channel, y] = [Math.floor(row / height), part.y + (row % height)];
    const from = (channel * image.height + y) * image.width + part.x;
    cut.set(model.subarray(from, from + width), row * width);
  }
  const stored = toStored(cut, manifest);
  if (image.channels === 3) return { rgb: toColourBytes(stored, manifest.intensity), width, height };
  const grey = toEightBits(stored, manifest.intensity);
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(grey[i] ?? 0, 3 * i, 3 * i + 3);
  return { rgb, width, height };
}
