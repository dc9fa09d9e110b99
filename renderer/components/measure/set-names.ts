import type { RunRow, SeriesSummary } from '../../../preload/domain.ts';
import type { MeasureFolder, SetPart } from '../../../preload/measure.ts';
import { plural } from '../quantities.ts';

export interface KnownSets {
  folders: readonly MeasureFolder[];
  series: readonly SeriesSummary[];
  runs: readonly RunRow[];
  /** Finished tilings, where patches of slides can be chosen. */
  tilings?: readonly RunRow[];
}

export interface PartChoice {
  value: string;
  part: SetPart;
  name: string;
  group: 'Folders used before' | 'Patches of slides' | 'Runs' | 'Series';
}

export function valueOf(part: SetPart): string {
  if (part.kind === 'folder') return `folder:${part.folderId}`;
  return part.kind === 'series' ? `series:${part.seriesId}` : `run:${part.runId}`;
}

/** Everything that can be a part of a set without a dialog. */
export function partChoices({ folders, series, runs, tilings = [] }: KnownSets): PartChoice[] {
  const choice = (part: SetPart, name: string, group: PartChoice['group']): PartChoice => ({
    value: valueOf(part),
    part,
    name,
    group,
  });
  return [
    ...folders.map(({ id, name }) => choice({ kind: 'folder', folderId: id }, name, 'Folders used before')),
    ...tilings.map(({ id, title }) => choice({ kind: 'run', runId: id }, title, 'Patches of slides')),
    ...runs.map(({ id, title, outputCount }) =>
      choice({ kind: 'run', runId: id }, `${title} (${plural(outputCount, 'image')})`, 'Runs'),
    ),
    ...series.map((one) =>
      choice(
        { kind: 'series', seriesId: one.id },
        `${one.synthetic ? 'SYN ' : ''}${one.modality} ${one.description || 'without description'} (${plural(one.slices * one.frames, 'slice')})`,
        'Series',
      ),
    ),
  ];
}

export function partName(part: SetPart, known: KnownSets): string {
  return partChoices(known).find(({ value }) => value === valueOf(part))?.name ?? 'A set that is gone';
}
