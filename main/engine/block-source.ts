import { VerisimError } from '../../preload/errors.ts';
import type { DiffusionSpace } from '../diffusion/families/family.ts';
import { addNoise, skippedSteps } from '../diffusion/image-to-image.ts';
import { impose, type KnownRegion } from '../diffusion/inpainting.ts';
import type { StepPlan } from '../diffusion/samplers/sampler.ts';
import { levelAfter } from '../diffusion/samplers/sampler.ts';
import { toModel } from './generate-codec.ts';
import type { PackManifest } from './pack-schema.ts';

/** The picture that a block is made from, in stored units, [channels, height, width] of the block's whole region. */
export interface BlockSource {
  values: Float32Array<ArrayBuffer>;
  /**
   * A variant begins with the source's noised sample (SDEdit, Meng et al. 2022). Detail keeps the low-pass band of the source at every step
   * and makes all other bands: wavelet super-resolution by the factor of the packet.
   */
  use: { kind: 'variant'; strength: number } | { kind: 'detail' };
}

export interface BlockStart {
  /** The first step that is made; the ones before are skipped. */
  first: number;
  sample: Float64Array;
  /** Brings in what stays as it is, after a step. */
  keep(step: number, noise: () => Float64Array): void;
}

/** Steps that are left out: those of a variant before its strength. */
export function stepsSkipped(source: BlockSource | null, steps: number): number {
  return source?.use.kind === 'variant' ? skippedSteps(steps, source.use.strength) : 0;
}

/** Where the sampling of a block begins. Throws ModelDoesNotFit where detail is wanted of a family without wavelets. */
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
  if (source === null) return { first: 0, sample: noise, keep: () => undefined };
  const clean = space.encode(toModel(source.values, manifest));
  if (source.use.kind === 'variant') {
    const first = stepsSkipped(source, steps) * callsPerStep;
    if (first > 0) addNoise(clean, noise, plan.levels[first] ?? plan.end);
    return { first, sample: first > 0 ? clean : noise, keep: () => undefined };
  }
  const region = lowPass(clean, { manifest, space });
  const sample = noise.slice();
  impose(sample, region, plan.levels[0] ?? plan.end, noise);
  return { first: 0, sample, keep: (step, fresh) => impose(sample, region, levelAfter(plan, step), fresh()) };
}

/** Known are the cells of the band that is low in both directions at every level. */
function lowPass(
  clean: Float64Array,
  { manifest, space }: { manifest: PackManifest; space: DiffusionSpace },
): KnownRegion {
  const bands = manifest.wavelet?.bandOrder ?? [];
  const low = bands.findIndex((name) => /^[L.]+$/.test(name));
  if (low < 0) {
    throw new VerisimError(
      'ModelDoesNotFit',
      `The model ${manifest.id} cannot make fine detail for a coarse picture: that takes a wavelet model.`,
      { expected: 'a WDM pack', found: manifest.family },
    );
  }
  const plane = space.latent.width * space.latent.height;
  const known = new Uint8Array(clean.length);
  for (let channel = low; channel < space.latent.channels; channel += bands.length)
    known.fill(1, channel * plane, (channel + 1) * plane);
  return { clean, known };
}
