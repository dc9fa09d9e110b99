import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { VerisimError } from '../../../preload/errors.ts';
import { syntheticMark } from '../slide/tiff/metadata.ts';
import type { Picture } from '../slide/slide.ts';

/** A patch as its file holds it, without its metadata. */
export type PatchPicture = { width: number; height: number; synthetic: boolean } & (
  | { kind: 'colour'; rgb: Uint8Array }
  /** In 0…1. */
  | { kind: 'grey'; grey: Float32Array }
);

/** What can be seen through lies on white, as on a slide. */
const behind = '#ffffff';

/** A larger one is a slide, which is cut into patches first. */
const mostPixels = 64 * 2 ** 20;

/** A PNG, JPEG, TIFF or WebP file in sRGB or grey. Throws FileNotReadable, UnsupportedPixelData. */
export async function readPatch(file: string): Promise<PatchPicture> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new VerisimError('FileNotReadable', `"${file}" cannot be read: ${found}.`, { path: file, found, cause });
  });
  try {
    const image = sharp(bytes, { limitInputPixels: mostPixels }).flatten({ background: behind });
    const { space = '', xmp } = await image.metadata();
    // Some programs write XMP compressed, ours writes words before it.
    const synthetic = syntheticMark(`${bytes.toString('latin1')} ${xmp?.toString('utf8') ?? ''}`);
    if (space === 'b-w' || space === 'grey16') {
      const { data, info } = await image.toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer(withSize);
      const values = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
      const grey = Float32Array.from(
        { length: info.width * info.height },
        (_, i) => values[i * info.channels]! / 65535,
      );
      return { kind: 'grey', width: info.width, height: info.height, synthetic, grey };
    }
    const { data, info } = await image.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer(withSize);
    return { kind: 'colour', width: info.width, height: info.height, synthetic, rgb: new Uint8Array(data) };
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new VerisimError('UnsupportedPixelData', `The picture "${file}" cannot be decoded: ${found}.`, {
      path: file,
      expected: `a PNG, JPEG, TIFF or WebP of at most ${mostPixels} pixels`,
      found,
      cause,
    });
  }
}

const withSize = { resolveWithObject: true } as const;

export interface JpegCoding {
  quality: number;
  chroma: '4:2:0';
}

/** The picture as it comes back from a JPEG file of this coding; its squares begin at the upper left corner. */
export async function throughJpeg({ width, height, rgb }: Picture, { quality, chroma }: JpegCoding): Promise<Picture> {
  const coded = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: chroma })
    .toBuffer();
  const decoded = await sharp(coded).raw().toBuffer();
  return { width, height, rgb: new Uint8Array(decoded) };
}
