import type { ModelSummary, SeriesSummary, VolumeDescription } from '../../preload/domain.ts';

/** What is known of an image to start from; its volume once it was decoded. */
export interface FitSource {
  series: SeriesSummary;
  volume: VolumeDescription | null;
}

/**
 * Neutral sentences on why an image may not suit a model, the weightiest first: modality, region, colour, size, window.
 * Empty when nothing speaks against it.
 */
export function reasonsAgainst(model: ModelSummary, { series, volume }: FitSource): string[] {
  const reasons = [
    modalityReason(model, series),
    regionReason(model, series),
    volume === null ? null : colourReason(model, volume),
    sizeReason(model, series),
    volume === null ? null : windowReason(volume),
  ];
  return reasons.filter((reason) => reason !== null);
}

function modalityReason(model: ModelSummary, series: SeriesSummary): string | null {
  if (sameModality(model.modality, series.modality)) return null;
  return `Trained on ${model.modality} images; this series is ${series.modality}.`;
}

function regionReason(model: ModelSummary, series: SeriesSummary): string | null {
  const shown = regionIn(`${series.description} ${series.studyDescription}`);
  const made = regionIn(model.anatomy);
  if (shown === null || made === null || shown === made) return null;
  return `Makes images of the ${model.anatomy.toLowerCase()}; this series seems to show the ${shown}.`;
}

function colourReason({ image }: ModelSummary, { samplesPerVoxel }: VolumeDescription): string | null {
  if (image.channels === samplesPerVoxel) return null;
  const names = (channels: number): string => (channels === 3 ? 'colour' : 'grey');
  return `Makes ${names(image.channels)} images; this series is ${names(samplesPerVoxel)}.`;
}

/** Slices are fitted whole into the model's grid, whatever their size; a much smaller one comes out soft. */
function sizeReason({ image }: ModelSummary, { columns, rows }: SeriesSummary): string | null {
  const enlarged = Math.min(image.width / columns, image.height / rows);
  const elongated = Math.max(columns / rows, rows / columns) / Math.max(image.width / image.height, 1);
  if (enlarged >= 2)
    return `Works on ${image.width} × ${image.height} px; this series has ${columns} × ${rows} px and is enlarged to a soft image.`;
  if (elongated > 2)
    return `Works on ${image.width} × ${image.height} px; this series has ${columns} × ${rows} px and would fill less than half of it.`;
  return null;
}

/** Image to image sees the slice through the first window of the series. */
function windowReason({ range, windows, unit }: VolumeDescription): string | null {
  const [window] = windows;
  const low = window === undefined ? range.p1 : window.centre - window.width / 2;
  const high = window === undefined ? range.p99 : window.centre + window.width / 2;
  const values = unit === '' ? '' : ` ${unit}`;
  if (range.max <= range.min) return 'Every pixel of this series has the same value: there is nothing to start from.';
  if (range.p99 <= low || range.p1 >= high)
    return `The window of this series, ${Math.round(low)} to ${Math.round(high)}${values}, shows none of its values from ${Math.round(range.p1)} to ${Math.round(range.p99)}${values}.`;
  return null;
}

const projectionModalities = new Set(['CR', 'DX', 'RG']);

function sameModality(first: string, second: string): boolean {
  if (first === second || second === 'OT') return true;
  return projectionModalities.has(first) && projectionModalities.has(second);
}

const regions: readonly { name: string; words: RegExp }[] = [
  { name: 'brain', words: /brain|head|skull|cranial|cerebr|colin/i },
  { name: 'chest', words: /chest|thorax|lung|pulmon/i },
  { name: 'abdomen', words: /abdom|liver|hepat|kidney|renal|pancrea/i },
  { name: 'pelvis', words: /pelvi|prostat|hip\b/i },
  { name: 'spine', words: /spine|lumbar|cervical/i },
  { name: 'knee', words: /knee/i },
  { name: 'breast', words: /breast|mammo/i },
];

function regionIn(text: string): string | null {
  return regions.find(({ words }) => words.test(text))?.name ?? null;
}
