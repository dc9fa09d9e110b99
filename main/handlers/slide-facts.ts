import type { ModelSummary, ProviderName } from '../../preload/domain.ts';
import type { SamplerName } from '../../preload/samplers.ts';
import { type ModelPack, weightsSha256 } from '../engine/packs.ts';
import { coarseToFineSentence, derivedSentences, syntheticSentence } from '../imaging/slide/tiff/metadata.ts';
import { slideName } from '../imaging/slide/tiling/tile-slide.ts';
import type { SlideSource } from './slide-source.ts';

export interface SlideGenerationInput {
  modelId: string;
  width: number;
  height: number;
  seed: number;
  classId: string | null;
  guidance: number;
  sampler: SamplerName;
  steps: number;
  provider: ProviderName;
  micronsPerPixel: number | null;
  /** Pixels along a block, a multiple of the file's tiles. */
  blockSide: number;
  /** A part of another slide that it is made from; null = from noise alone. */
  source: SlideSource | null;
  /** From noise so many times smaller, whose wavelet details are then added; null = at once. */
  coarseScale: 2 | 4 | null;
}

/** Everything that decides the bytes but the source's content. */
/** Another word with every change of the bytes that detail is made of: what was begun in another way is begun anew. */
const detailMethod = 'null space';

export function factsOf(pack: ModelPack, { source, coarseScale, ...input }: SlideGenerationInput): object {
  // Without the path: names of files tell of patients.
  const { path: _path, ...part } = source ?? { path: null };
  return {
    ...input,
    ...(source === null ? {} : { source: part }),
    ...(coarseScale === null ? {} : { coarseScale }),
    ...(source?.use === 'detail' || coarseScale !== null ? { detailMethod } : {}),
    modelVersion: pack.manifest.version,
    modelSha256: weightsSha256(pack),
  };
}

/** After the sentence that people and machines read first. */
export function descriptionOf(pack: ModelPack, input: SlideGenerationInput, sourceSha256: string | null): string {
  const { id, version } = pack.manifest;
  const facts = { ...factsOf(pack, input), ...(sourceSha256 === null ? {} : { sourceSha256 }) };
  return `${sentenceOf(input)} Model ${id} ${version}.\n${JSON.stringify(facts)}`;
}

export function titleOf({ source, coarseScale, width, height }: SlideGenerationInput): string {
  const way = coarseScale === null ? '' : `, coarse to fine ${coarseScale}×`;
  return `${titles[source?.use ?? 'none']} of ${width} × ${height} pixels${way}`;
}

export function fileName({ source, seed, coarseScale }: SlideGenerationInput): string {
  if (source !== null) return `${source.use}-${seed}-of-${slideName(source.path)}.tif`;
  return coarseScale === null ? `synthetic-${seed}.tif` : `synthetic-${seed}-coarse-to-fine.tif`;
}

/** What is no reason to refuse; empty where the pack was trained on slides. */
export function modalityWarnings({
  id,
  modality,
  anatomy,
}: Pick<ModelSummary, 'id' | 'modality' | 'anatomy'>): string[] {
  if (modality === 'SM') return [];
  return [
    `The model ${id} is made for ${modality} images (${anatomy}), not for slides (SM): the region is none of tissue.`,
  ];
}

const titles = { none: 'Synthetic slide', variant: 'Variant of a slide', detail: 'Wavelet super-resolution' } as const;

function sentenceOf({ source, coarseScale }: SlideGenerationInput): string {
  if (source !== null) return derivedSentences[source.use];
  return coarseScale === null ? syntheticSentence : `${syntheticSentence} ${coarseToFineSentence(coarseScale)}`;
}
