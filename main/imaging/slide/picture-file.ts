import sharp from 'sharp';
import { encodePng8InPool } from '../png.ts';
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
export async function encodePicture(
  { width, height, rgb }: Picture,
  { format, quality = 90, synthetic }: PictureOptions,
): Promise<Uint8Array> {
  if (format === 'png') {
    const text: Record<string, string> = synthetic ? { Software: 'Verisim', 'XML:com.adobe.xmp': syntheticXmp } : {};
    return encodePng8InPool({ width, height, channels: 3, values: rgb, text });
  }
  const image = sharp(rgb, { raw: { width, height, channels: 3 } });
  if (synthetic) image.withXmp(syntheticXmp);
  return image.jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer();
}
