import { VerisimError } from '../../preload/errors.ts';
import { families } from '../diffusion/families/registry.ts';
import type { DiffusionSpace } from '../diffusion/families/family.ts';
import { createBlend, cutTile, planTiles } from '../diffusion/tiles.ts';
import type { Grid } from '../diffusion/wavelets/haar.ts';
import type { PackManifest } from './pack-schema.ts';
import type { DenoiserSession } from './session.ts';
import type { Network } from './session-network.ts';

/** A value of one image and its place in the batch, so that the image's bytes never depend on what else is in there. */
export interface Placed<Values> {
  slot: number;
  values: Values;
}

/** Between images in stored units and samples of the denoised space, through the family's arithmetic and networks. */
export interface Codec {
  space: DiffusionSpace;
  /** Images [C, H, W] in stored units → samples, in the same order. Throws InferenceFailed. */
  encode(images: Placed<Float32Array>[]): Promise<Float64Array[]>;
  /** Samples → images in stored units, within the stored range. Throws InferenceFailed. */
  decode(samples: Placed<Float64Array>[]): Promise<Float32Array<ArrayBuffer>[]>;
}

export function createCodec(manifest: PackManifest, { autoencoder }: Pick<DenoiserSession, 'autoencoder'>): Codec {
  const space = spaceOf(manifest);
  if (!space.autoencoded) {
    return {
      space,
      encode: (images) => Promise.resolve(images.map(({ values }) => space.encode(toModel(values, manifest)))),
      decode: (samples) => Promise.resolve(samples.map(({ values }) => toStored(space.decode(values), manifest))),
    };
  }
  return {
    space,
    encode: async (images) => {
      const network = needed(autoencoder?.encoder, 'encoder');
      const inputs = images.map(({ slot, values }) => ({ slot, values: toModel(values, manifest) }));
      return runAll(network, inputs, (latent) => space.encode(Float64Array.from(latent)));
    },
    decode: async (samples) => {
      const network = needed(autoencoder?.decoder, 'decoder');
      const latents = samples.map(({ slot, values }) => ({ slot, values: space.decode(values) }));
      const tile = tileOf(manifest);
      if (tile === null) return runAll(network, latents, (image) => toStored(image, manifest));
      const images = await decodeTiles(network, latents, { manifest, whole: space.base, tile });
      return images.map((image) => toStored(image, manifest));
    },
  };
}

/** The part of the latent that the decoder takes at once; null where that is all of it. */
function tileOf({ files, autoencoder, image }: PackManifest): Grid | null {
  const [, channels, height, width] = files.decoder?.inputs.latent ?? [];
  if (autoencoder === null || channels === undefined || height === undefined || width === undefined) return null;
  const { factor } = autoencoder;
  const all = height * factor === image.height && width * factor === image.width;
  return all ? null : { channels, height, width };
}

/** Decodes tile by tile, so that the memory of the decoder follows from the tile and not from the image. */
async function decodeTiles(
  network: Network,
  latents: Placed<Float64Array>[],
  { manifest, whole, tile }: { manifest: PackManifest; whole: Grid; tile: Grid },
): Promise<Float64Array[]> {
  const { image } = manifest;
  const factor = image.width / whole.width;
  const imageTile = { channels: image.channels, height: tile.height * factor, width: tile.width * factor };
  const blends = latents.map(() => createBlend(image, imageTile));
  for (const corner of planTiles(whole, tile)) {
    const cut = latents.map(({ slot, values }) => ({ slot, values: cutTile(values, whole, { tile, corner }) }));
    const decoded = await runAll(network, cut, (output) => output.slice());
    const there = { x: corner.x * factor, y: corner.y * factor };
    decoded.forEach((values, i) => blends[i]?.add(values, there));
  }
  return blends.map((blend) => blend.result());
}

/** Stored units → the range in which the network works. */
export function toModel(stored: Float32Array, { intensity }: PackManifest): Float64Array {
  const { storedMin, storedMax, modelMin, modelMax } = intensity;
  const scale = (modelMax - modelMin) / (storedMax - storedMin);
  return Float64Array.from(stored, (value) => modelMin + (value - storedMin) * scale);
}

export function toStored(model: ArrayLike<number>, { intensity }: PackManifest): Float32Array<ArrayBuffer> {
  const { storedMin, storedMax, modelMin, modelMax } = intensity;
  const scale = (storedMax - storedMin) / (modelMax - modelMin);
  const stored = new Float32Array(model.length);
  for (let i = 0; i < stored.length; i++) {
    stored[i] = Math.min(storedMax, Math.max(storedMin, storedMin + ((model[i] ?? 0) - modelMin) * scale));
  }
  return stored;
}

/**
 * Runs a network over all values, each in the place that its slot gives it: as many calls as the largest slot needs, places
 * between filled with zeros. `use` takes one result, which the next call overwrites.
 */
async function runAll<Result>(
  network: Network,
  values: Placed<Float64Array>[],
  use: (output: Float32Array) => Result,
): Promise<Result[]> {
  const { batch, input, output } = network;
  const [inputLength, outputLength] = [input.length / batch, output.length / batch];
  const results = new Map<Placed<Float64Array>, Result>();
  const rounds = new Set(values.map(({ slot }) => Math.floor(slot / batch)));
  for (const round of rounds) {
    const own = values.filter(({ slot }) => Math.floor(slot / batch) === round);
    input.fill(0);
    for (const { slot, values: value } of own) input.set(value, (slot % batch) * inputLength);
    await network.run(Math.max(...own.map(({ slot }) => slot % batch)) + 1);
    for (const value of own) {
      const at = (value.slot % batch) * outputLength;
      results.set(value, use(output.subarray(at, at + outputLength)));
    }
  }
  return values.map((value) => results.get(value) as Result);
}

function spaceOf(manifest: PackManifest): DiffusionSpace {
  const space = families[manifest.family].space(manifest);
  if (space) return space;
  throw new VerisimError('PackInvalid', `The pack ${manifest.id} lacks what its family ${manifest.family} needs.`, {
    found: manifest.family,
  });
}

function needed(network: Network | null | undefined, name: string): Network {
  if (network) return network;
  throw new VerisimError('Internal', `The ${name} was needed before it was loaded.`);
}
