import { VerisimError } from '../../preload/errors.ts';
import type { DiffusionSpace } from '../diffusion/families/family.ts';
import { addNoise, skippedSteps } from '../diffusion/image-to-image.ts';
import type { StepPlan } from '../diffusion/samplers/sampler.ts';
import { toModel } from './generate-codec.ts';
import type { PackManifest } from './pack-schema.ts';

/** The picture that a block is made from, in stored units, [channels, height, width] of the block's whole region. */
export interface BlockSource {
  values: Float32Array<ArrayBuffer>;
  /**
   * A variant begins with the source's noised sample (SDEdit, Meng et al. 2022). Detail makes all bands that are finer than the source's
   * squares of `cell` pixels, wavelet super-resolution by so many times: in every clean sample that the network predicts, the coarser bands
   * are those of the source (Wang et al. 2023, DDNM, whose null space of averaging over squares the finer Haar bands are).
   */
  use: { kind: 'variant'; strength: number } | { kind: 'detail'; cell: number };
}

export interface BlockStart {
  /** The first step that is made; the ones before are skipped. */
  first: number;
  sample: Float64Array;
  /** Brings what stays as it is into a predicted clean sample, in place; null where nothing stays. */
  keep: ((clean: Float64Array) => void) | null;
}

/** Steps that are left out: those of a variant before its strength. */
export function stepsSkipped(source: BlockSource | null, steps: number): number {
  return source?.use.kind === 'variant' ? skippedSteps(steps, source.use.strength) : 0;
}

/** Where the sampling of a block begins. Throws ModelDoesNotFit where the pack cannot make it of a source. */
export function startBlock(
  source: BlockSource | null,
  {
    manifest,
    space,
    plan,
    noise,
  }: { manifest: PackManifest; space: DiffusionSpace; plan: StepPlan; noise: Float64Array },
  { steps, callsPerStep }: { steps: number; callsPerStep: number },
): BlockStart {
  if (source === null) return { first: 0, sample: noise, keep: null };
  if (space.autoencoded || space.base.channels !== 3)
    throw doesNotFit(manifest, 'make regions of other slides', 'a DDPM or WDM pack of RGB images');
  const clean = space.encode(toModel(source.values, manifest));
  if (source.use.kind === 'variant') {
    const first = stepsSkipped(source, steps) * callsPerStep;
    if (first > 0) addNoise(clean, noise, plan.levels[first] ?? plan.end);
    return { first, sample: first > 0 ? clean : noise, keep: null };
  }
  const low = lowChannels(manifest, { channels: space.latent.channels, levels: Math.log2(source.use.cell) });
  const plane = space.latent.width * space.latent.height;
  const keep = (predicted: Float64Array): void => {
    for (const channel of low) predicted.set(clean.subarray(channel * plane, (channel + 1) * plane), channel * plane);
  };
  return { first: 0, sample: noise, keep };
}

/** Channels whose band is low in both directions at the finest levels. */
function lowChannels(manifest: PackManifest, { channels, levels }: { channels: number; levels: number }): number[] {
  const bands = manifest.wavelet?.bandOrder ?? [];
  const isLow = bands.map((name) =>
    name
      .split('.')
      .slice(0, levels)
      .every((band) => band === 'LL'),
  );
  if (!isLow.includes(false)) throw doesNotFit(manifest, 'make fine detail for a coarse picture', 'a WDM pack');
  return Array.from({ length: channels }, (_, channel) => channel).filter((channel) => isLow[channel % bands.length]);
}

function doesNotFit({ id, family, image }: PackManifest, what: string, expected: string): VerisimError {
  return new VerisimError('ModelDoesNotFit', `The model ${id} cannot ${what}: that takes ${expected}.`, {
    expected,
    found: `${family}, ${image.channels} channels`,
  });
}
