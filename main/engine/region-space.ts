import { VerisimError } from '../../preload/errors.ts';
import type { DiffusionSpace } from '../diffusion/families/family.ts';
import { families } from '../diffusion/families/registry.ts';
import type { Grid } from '../diffusion/wavelets/haar.ts';
import type { PackManifest } from './pack-schema.ts';

/** How a pack makes regions that are larger than its image. */
export interface RegionSpace {
  /** Pixels along one position of what is denoised. */
  factor: number;
  /** Of what is denoised. */
  channels: number;
  /** The latent that a decoder network makes pixels of, and the part of it that the network takes at once; null without an autoencoder. */
  decoder: { factor: number; channels: number; window: { width: number; height: number } } | null;
}

/** Throws ModelDoesNotFit where the pack cannot make regions. */
export function regionSpace(manifest: PackManifest): RegionSpace {
  const { image, autoencoder, files } = manifest;
  const { latent } = spaceFor(manifest, image);
  const own = { factor: image.width / latent.width, channels: latent.channels };
  if (autoencoder === null) return { ...own, decoder: null };
  const { factor, channels } = autoencoder;
  const [, , height = image.height / factor, width = image.width / factor] = files.decoder?.inputs.latent ?? [];
  return { ...own, decoder: { factor, channels, window: { width, height } } };
}

/** The family's space over an image of any size. Throws ModelDoesNotFit where a slide cannot hold what the pack makes. */
export function spaceFor(manifest: PackManifest, image: Grid): DiffusionSpace {
  const { family, intensity } = manifest;
  const isGrey = image.channels === 1;
  const isColour = image.channels === 3 && intensity.storedMin === 0 && intensity.storedMax === 255;
  const space = isGrey || isColour ? families[family].space({ ...manifest, image }) : null;
  if (space !== null) return space;
  throw new VerisimError(
    'ModelDoesNotFit',
    `The model ${manifest.id} cannot make regions of slides: that takes grey images, or colour images of 8 bits.`,
    { expected: 'one channel, or three of 0 to 255', found: `${family}, ${image.channels} channels` },
  );
}
