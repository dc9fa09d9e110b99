import sharp from 'sharp';
import { syntheticXmp } from './synthetic-xmp.ts';
import type { Picture } from './slide.ts';

export interface PictureOptions {
  format: 'png' | 'jpeg';
  /** JPEG only; 90 by default, with full chroma. */
  quality?: number;
  /** What comes from a synthetic slide says so. */
  synthetic: boolean;
}

/** Equal input gives equal bytes. */
export function encodePicture(
  { width, height, rgb }: Picture,
  { format, quality = 90, synthetic }: PictureOptions,
): Promise<Buffer> {
  const image = sharp(rgb, { raw: { width, height, channels: 3 } });
  if (synthetic) image.withXmp(syntheticXmp);
  if (format === 'jpeg') return image.jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
  return image.png({ compressionLevel: 6 }).toBuffer();
}
