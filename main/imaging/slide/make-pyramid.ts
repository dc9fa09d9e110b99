import { rename, rm } from 'node:fs/promises';
import sharp from 'sharp';
import { VerisimError } from '../../../preload/errors.ts';
import { writeError } from '../atomic-write.ts';

/** A slide is rarely wider; more is not read from one picture. */
const mostPixels = 2 ** 36;

/**
 * A flat picture (PNG, JPEG, TIFF of any layout) as a tiled pyramid that opens at any size: JPEG tiles of 256, BigTIFF. libvips streams it
 * through. Throws FileNotReadable, OutputNotWritable.
 */
export async function makePyramid(
  source: string,
  target: string,
  { micronsPerPixel }: { micronsPerPixel: number | null },
): Promise<void> {
  const temporary = `${target}.part`;
  try {
    const image = sharp(source, { sequentialRead: true, limitInputPixels: mostPixels });
    await image.metadata().catch((cause: unknown) => {
      const message = `"${source}" is no picture that can be read.`;
      throw new VerisimError('FileNotReadable', message, { path: source, cause });
    });
    const perMillimetre =
      micronsPerPixel === null ? {} : { xres: 1000 / micronsPerPixel, yres: 1000 / micronsPerPixel };
    await image
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .tiff({
        compression: 'jpeg',
        quality: 90,
        pyramid: true,
        tile: true,
        tileWidth: 256,
        tileHeight: 256,
        bigtiff: true,
        ...perMillimetre,
      })
      .toFile(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error instanceof VerisimError ? error : writeError(target, error);
  }
}
