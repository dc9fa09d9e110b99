import { VerisimError } from '../../preload/errors.ts';
import type { ModelPack } from '../engine/packs.ts';
import { regionSpace } from '../engine/region-space.ts';
import type { SlideGenerationInput } from './slide-facts.ts';
import type { SlideSource } from './slide-source.ts';

/** The small region that a coarse-to-fine one begins with; null where it is made at once. */
export function coarsePictureOf(input: SlideGenerationInput): SlideGenerationInput | null {
  const { coarseScale: scale, width, height, micronsPerPixel } = input;
  if (scale === null) return null;
  return {
    ...input,
    width: Math.ceil(width / scale),
    height: Math.ceil(height / scale),
    micronsPerPixel: micronsPerPixel === null ? null : micronsPerPixel * scale,
    coarseScale: null,
  };
}

/** The coarse picture as what the region's detail is made for. */
export function sourceOfDetail({ coarseScale, width, height }: SlideGenerationInput, file: string): SlideSource {
  const scale = coarseScale ?? 1;
  return { path: file, x: 0, y: 0, width: width / scale, height: height / scale, use: 'detail', strength: 1 };
}

/** Throws ModelDoesNotFit, InvalidInput. */
export function refuseCoarseToFine({ manifest }: ModelPack, { coarseScale, source }: SlideGenerationInput): void {
  if (coarseScale === null) return;
  if (source !== null) {
    throw new VerisimError('InvalidInput', 'A region of another slide is not made coarse to fine.', {
      expected: 'either a source or coarse to fine',
      found: 'both',
    });
  }
  const { family, image } = manifest;
  const finest = family === 'wdm' && image.channels === 3 ? regionSpace(manifest).factor : 1;
  if (coarseScale <= finest) return;
  const expected = `a WDM pack of RGB images whose wavelet has ${Math.log2(coarseScale)} levels or more`;
  throw new VerisimError(
    'ModelDoesNotFit',
    `The model ${manifest.id} cannot draw a region coarse to fine by ${coarseScale}: that takes ${expected}.`,
    { expected, found: `${family}, ${image.channels} channels, ${Math.log2(finest)} levels` },
  );
}
