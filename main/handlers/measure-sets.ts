import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ExtractorSummary, MeasureFolder, SetPart } from '../../preload/measure.ts';
import { VerisimError } from '../../preload/errors.ts';
import { readExtractors } from '../engine/extractor-packs.ts';
import type { Workspace } from './dependencies.ts';
import type { ImageSource } from './evaluate-images.ts';
import { factsOf } from './images.ts';
import { builtInPacks } from './models.ts';

const settingName = 'measure.folders';
const mostRemembered = 40;

/** Remembers a folder under an identifier, so that the window never needs its path; the newest forty are kept. */
export function addFolder({ log }: Workspace, folder: string): MeasureFolder {
  const whole = path.resolve(folder);
  const id = createHash('sha256').update(whole).digest('hex').slice(0, 16);
  const others = Object.entries(remembered({ log })).filter(([other]) => other !== id);
  log.settings.set(settingName, Object.fromEntries([...others.slice(1 - mostRemembered), [id, whole]]));
  return { id, name: nameOf(whole) };
}

/** What can be chosen besides series and runs: folders used before, newest first, and extractors. */
export async function measureChoices(
  workspace: Workspace,
): Promise<{ folders: MeasureFolder[]; extractors: ExtractorSummary[] }> {
  const folders = Object.entries(remembered(workspace)).map(([id, folder]) => ({ id, name: nameOf(folder) }));
  const { extractors } = await readExtractors([builtInPacks(workspace.applicationRoot), workspace.folder.packs.packs]);
  const summaries = extractors.map(({ manifest: { id, name, modality, anatomy, width } }) => ({
    ...{ id, name, modality, anatomy, width },
  }));
  return { folders: folders.reverse(), extractors: summaries };
}

export interface ResolvedSet {
  name: string;
  source: ImageSource;
  /** Models that made images of the set, as far as runs tell. */
  modelIds: string[];
}

/** Folders, files and series of a chosen set. Throws InvalidInput for a folder that is not remembered, UnknownRun, UnknownSeries, UnknownImage. */
export function resolveSet(workspace: Workspace, parts: readonly SetPart[]): ResolvedSet {
  const names: string[] = [];
  const modelIds: string[] = [];
  const source = { folders: [] as string[], files: [] as string[], series: [] as ImageSource['series'][number][] };
  for (const part of parts)
    if (part.kind === 'folder') {
      const folder = folderOf(workspace, part.folderId);
      source.folders.push(folder);
      names.push(nameOf(folder));
    } else if (part.kind === 'series') {
      const series = workspace.log.series.get(part.seriesId);
      source.series.push(series);
      names.push(series.summary.description || series.summary.modality);
    } else {
      const run = workspace.log.runs.detail(part.runId);
      factsOf(run);
      const indices = [...new Set(run.outputs.map(({ index }) => index))];
      source.files.push(...indices.map((index) => workspace.folder.runOutput(run.id, index)));
      names.push(run.title);
      if (run.modelId !== null) modelIds.push(run.modelId);
    }
  return { name: names.join(', '), source, modelIds };
}

/** Throws InvalidInput for a folder that is not remembered. */
export function folderOf(workspace: Pick<Workspace, 'log'>, folderId: string): string {
  const folder = remembered(workspace)[folderId];
  if (folder !== undefined) return folder;
  throw new VerisimError('InvalidInput', 'This folder is not known any more. Choose it again.', {
    expected: 'a folder that was chosen',
    found: folderId,
  });
}

/** A folder as a set, where its path is known. */
export function folderSet(folder: string): ResolvedSet {
  const whole = path.resolve(folder);
  return { name: nameOf(whole), source: { folders: [whole], files: [], series: [] }, modelIds: [] };
}

export function foldersOf(sets: readonly ResolvedSet[]): string[] {
  return [...new Set(sets.flatMap(({ source }) => source.folders))];
}

function remembered({ log }: Pick<Workspace, 'log'>): Record<string, string> {
  const value = log.settings.value(settingName);
  return typeof value === 'object' && value !== null ? (value as Record<string, string>) : {};
}

/** The folder with the one it lies in, which tells two folders "images" apart. */
export function nameOf(folder: string): string {
  return path.join(path.basename(path.dirname(folder)), path.basename(folder));
}
