import type { ImageDescription } from '../../../preload/domain.ts';
import { assetUrl } from '../../client.ts';

const loadTimeoutMs = 30_000;

/** Float32 pixels of an image, rows top down, little endian as every machine that Electron runs on. */
export async function fetchImagePixels(image: ImageDescription, signal: AbortSignal): Promise<Float32Array> {
  const response = await fetch(assetUrl.image(image.id), {
    signal: AbortSignal.any([signal, AbortSignal.timeout(loadTimeoutMs)]),
  });
  if (!response.ok) throw new Error(`The pixels of “${image.title}” could not be read (${response.status}).`);
  const pixels = new Float32Array(await response.arrayBuffer());
  const expected = image.width * image.height;
  if (pixels.length === expected) return pixels;
  throw new Error(`“${image.title}” has ${pixels.length} pixels where ${expected} were expected.`);
}
