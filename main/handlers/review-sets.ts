import type { SetPart } from '../../preload/measure.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { TilingResult } from '../../preload/slides.ts';
import type { Workspace } from './dependencies.ts';
import { folderOf, nameOf } from './measure-sets.ts';
import { openPatchSet } from './review-patch-set.ts';
import { openRunSet } from './review-run-set.ts';
import { openSeriesSet } from './review-series-set.ts';
import type { ReviewSet, SetContext } from './review-set.ts';

/**
 * Refuses a set of the other class: what is synthetic, also when it was read back from a file, never counts as real.
 * Throws InvalidInput, UnknownRun, UnknownSeries, UnknownImage, EmptyFolder, and what reading a set throws.
 */
export function openReviewSet(workspace: Workspace, part: SetPart, context: SetContext): Promise<ReviewSet> {
  const patches = patchFolders(workspace, part);
  if (patches !== null) return openPatchSet(patches, context);
  return part.kind === 'series'
    ? openSeriesSet(workspace, part.seriesId, context)
    : openRunSet(workspace, (part as SetPart & { kind: 'run' }).runId, context);
}

/** The folders of a set of patches: a folder, or what a tiling wrote; null for another set. Throws UnknownRun, InvalidInput. */
export function patchFolders(workspace: Workspace, part: SetPart): { name: string; folders: string[] } | null {
  if (part.kind === 'folder') {
    const folder = folderOf(workspace, part.folderId);
    return { name: nameOf(folder), folders: [folder] };
  }
  if (part.kind === 'series') return null;
  const { kind, title, result, state } = workspace.log.runs.detail(part.runId);
  if (kind !== 'tiling') return null;
  const { slides } = (result ?? { slides: [] }) as Pick<TilingResult, 'slides'>;
  if (slides.length > 0) return { name: title, folders: slides.map(({ out }) => out) };
  throw new VerisimError('EmptyFolder', `The run “${title}” made no patches. Choose another one, or tile again.`, {
    expected: 'a finished tiling',
    found: state,
  });
}
