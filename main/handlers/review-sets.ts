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
export async function openReviewSet(workspace: Workspace, part: SetPart, context: SetContext): Promise<ReviewSet> {
  const source = sourceOf(workspace, part);
  if (source.kind === 'patches') return openPatchSet(source, context);
  if (source.kind === 'series') return openSeriesSet(workspace, source.seriesId, context);
  return openRunSet(workspace, source.runId, context);
}

export type ReviewSource =
  | { kind: 'patches'; name: string; folders: string[] }
  | { kind: 'series'; seriesId: string }
  | { kind: 'run'; runId: string };

/** Where the images of a set lie; those of a folder, and of what a tiling wrote, are patches. Throws UnknownRun, InvalidInput, EmptyFolder. */
export function sourceOf(workspace: Workspace, part: SetPart): ReviewSource {
  if (part.kind === 'series') return part;
  if (part.kind === 'folder') {
    const folder = folderOf(workspace, part.folderId);
    return { kind: 'patches', name: nameOf(folder), folders: [folder] };
  }
  const { kind, title, result, state } = workspace.log.runs.detail(part.runId);
  if (kind !== 'tiling') return part;
  const { slides } = (result ?? { slides: [] }) as Pick<TilingResult, 'slides'>;
  if (slides.length > 0) return { kind: 'patches', name: title, folders: slides.map(({ out }) => out) };
  throw new VerisimError('EmptyFolder', `The run “${title}” made no patches. Choose another one, or tile again.`, {
    expected: 'a finished tiling',
    found: state,
  });
}
