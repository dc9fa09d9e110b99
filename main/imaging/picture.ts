import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { VerisimError } from '../../preload/errors.ts';

export type PictureKind = 'png' | 'jpeg' | 'tiff' | 'webp';

/** A larger one is a slide, which is cut into patches first. */
const mostPixels = 64 * 2 ** 20;

/** What a file's first bytes say that it is; null for anything else, DICOM and NIfTI among it. */
export async function pictureKindOf(file: string): Promise<PictureKind | null> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return null;
  try {
    const { buffer } = await handle.read(Buffer.alloc(12), 0, 12, 0);
    const text = buffer.toString('latin1');
    if (text.startsWith('\x89PNG')) return 'png';
    if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
    if (/^(II[*+]\0|MM\0[*+])/.test(text)) return 'tiff';
    return /^RIFF....WEBP/s.test(text) ? 'webp' : null;
  } finally {
    await handle.close();
  }
}

export interface DecodedPicture {
  width: number;
  height: number;
  /** 1, or 3 for interleaved sRGB. */
  channels: number;
  values: Uint8Array;
  /** '' where there is none. */
  xmp: string;
}

/** JPEG, TIFF and WebP as they look, in 8 bits and without transparency. `name` is for a refusal. Throws FileNotReadable. */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<DecodedPicture> {
  const picture = sharp(bytes, { limitInputPixels: mostPixels });
  try {
    const { space, xmp } = await picture.metadata();
    const isGrey = space === 'b-w' || space === 'grey16';
    const { data, info } = await picture
      .autoOrient()
      .removeAlpha()
      .toColourspace(isGrey ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    return { width, height, channels, values: data, xmp: xmp?.toString('utf8') ?? '' };
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new VerisimError('FileNotReadable', `"${name}" is no picture that can be read: ${found}.`, {
      path: name,
      expected: `a JPEG, TIFF or WebP of at most ${mostPixels} pixels`,
      found,
      cause,
    });
  }
}
