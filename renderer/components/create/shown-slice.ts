import type { ImageDescription } from '../../../preload/domain.ts';
import type { Client } from '../../client.ts';
import { fetchImagePixels } from '../../viewer/image/image-pixels.ts';

/** A slice as it is shown, with its pixels. */
export interface ShownSlice {
  image: ImageDescription;
  pixels: Float32Array;
}

/** Throws VerisimError as `images.describe`, Error where the pixels cannot be fetched. */
export async function loadShownSlice(
  client: Client,
  { seriesId, sliceIndex }: { seriesId: string; sliceIndex: number },
  signal: AbortSignal,
): Promise<ShownSlice> {
  const image = await client.call('images.describe', { image: { kind: 'slice', seriesId, sliceIndex } });
  return { image, pixels: await fetchImagePixels(image, signal) };
}
