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
   * A variant begins with the source's noised sample (SDEdit, Meng et al. 2022). Detail keeps what the source's squares of `cell` pixels say
   * at every step and makes all bands that are finer: wavelet super-resolution by so many times.
   */
  use: { kind: 'variant'; strength: number } | { kind: 'detail'; cell: number };
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
  if (source === null) return { first: 0, sample: noise, keep: () => undefined };
  if (space.autoencoded || space.base.channels !== 3)
    throw doesNotFit(manifest, 'make regions of other slides', 'a DDPM or WDM pack of RGB images');
  const clean = space.encode(toModel(source.values, manifest));
  if (source.use.kind === 'variant') {
    const first = stepsSkipped(source, steps) * callsPerStep;
    if (first > 0) addNoise(clean, noise, plan.levels[first] ?? plan.end);
    return { first, sample: first > 0 ? clean : noise, keep: () => undefined };
  }
  const region = lowPass(clean, { manifest, space, levels: Math.log2(source.use.cell) });
  const sample = noise.slice();
  impose(sample, region, plan.levels[0] ?? plan.end, noise);
  return { first: 0, sample, keep: (step, fresh) => impose(sample, region, levelAfter(plan, step), fresh()) };
}

/** Known are the bands that are low in both directions at the finest levels. */
function lowPass(
  clean: Float64Array,
  { manifest, space, levels }: { manifest: PackManifest; space: DiffusionSpace; levels: number },
): KnownRegion {
  const bands = manifest.wavelet?.bandOrder ?? [];
  const isLow = bands.map((name) =>
    name
      .split('.')
      .slice(0, levels)
      .every((band) => band === 'LL'),
  );
  if (!isLow.includes(false)) throw doesNotFit(manifest, 'make fine detail for a coarse picture', 'a WDM pack');
  const plane = space.latent.width * space.latent.height;
  const known = new Uint8Array(clean.length);
  for (let channel = 0; channel < space.latent.channels; channel++) {
    if (isLow[channel % bands.length] === true) known.fill(1, channel * plane, (channel + 1) * plane);
  }
  return { clean, known };
}

function doesNotFit({ id, family, image }: PackManifest, what: string, expected: string): VerisimError {
  return new VerisimError('ModelDoesNotFit', `The model ${id} cannot ${what}: that takes ${expected}.`, {
    expected,
    found: `${family}, ${image.channels} channels`,
  });
}
