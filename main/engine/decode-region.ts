import { VerisimError } from '../../preload/errors.ts';
import { windowsOver } from '../diffusion/decoder-windows.ts';
import type { Rectangle } from '../diffusion/region-blocks.ts';
import { createBlend, cutTile } from '../diffusion/tiles.ts';
import type { PackManifest } from './pack-schema.ts';
import { pictureOf, type RegionPicture } from './region-picture.ts';
import { regionSpace } from './region-space.ts';
import type { DenoiserSession } from './session.ts';

/** A part of the decoder's latent: [row][column][channel]. */
export interface LatentPart {
  /** In positions of the whole region. */
  place: Rectangle;
  values: Float32Array<ArrayBuffer>;
}

export interface DecodeRequest {
  /** What the windows over `inner` see, at the least. */
  latent: LatentPart;
  /** What is wanted, in positions of the whole region, and how large that is. */
  inner: Rectangle;
  whole: { width: number; height: number };
}

/**
 * Pixels of a part of a region, by overlapping windows of the decoder: each pixel from windows and with weights that follow from its place
 * alone. Null when `shouldStop` said so between two calls. Throws InferenceFailed, ModelDoesNotFit.
 */
export async function decodeRegion(options: {
  manifest: PackManifest;
  session: Pick<DenoiserSession, 'autoencoder'>;
  request: DecodeRequest;
  shouldStop: () => boolean;
  onStep: (done: number, total: number) => void;
}): Promise<RegionPicture | null> {
  const { manifest, session, request, shouldStop, onStep } = options;
  const { latent, inner, whole } = request;
  const { decoder: sizes } = regionSpace(manifest);
  const network = session.autoencoder?.decoder;
  if (sizes === null || network === undefined) {
    throw new VerisimError('Internal', `The model ${manifest.id} has no decoder, and a latent was to be decoded.`);
  }
  const { factor, window, channels } = sizes;
  const { place } = latent;
  const seen = { channels, width: place.width, height: place.height };
  const values = channelsFirst(latent, channels);
  const tile = { channels, ...window };
  const image = { channels: manifest.image.channels, width: seen.width * factor, height: seen.height * factor };
  const imageTile = { ...image, width: window.width * factor, height: window.height * factor };
  const blend = createBlend(image, imageTile);
  const corners = windowsOver(inner, whole, window).map(({ x, y }) => ({ x: x - place.x, y: y - place.y }));
  const inputLength = network.input.length / network.batch;
  const outputLength = network.output.length / network.batch;
  for (let first = 0; first < corners.length; first += network.batch) {
    if (shouldStop()) return null;
    const some = corners.slice(first, first + network.batch);
    network.input.fill(0);
    some.forEach((corner, slot) => network.input.set(cutTile(values, seen, { tile, corner }), slot * inputLength));
    await network.run(some.length);
    some.forEach(({ x, y }, slot) => {
      const own = network.output.subarray(slot * outputLength, (slot + 1) * outputLength);
      blend.add(own, { x: x * factor, y: y * factor });
    });
    onStep(first + some.length, corners.length);
  }
  const part = {
    x: (inner.x - place.x) * factor,
    y: (inner.y - place.y) * factor,
    width: inner.width * factor,
    height: inner.height * factor,
  };
  return pictureOf(blend.result(), image, { part, manifest });
}

function channelsFirst({ place: { width, height }, values }: LatentPart, channels: number): Float64Array {
  const plane = width * height;
  const planes = new Float64Array(values.length);
  for (let at = 0; at < plane; at++) {
    for (let c = 0; c < channels; c++) planes[c * plane + at] = values[at * channels + c] ?? 0;
  }
  return planes;
}
