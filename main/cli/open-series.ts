import type { SeriesSummary } from '../../preload/domain.ts';
import { deserialiseError, type ErrorTag, VerisimError } from '../../preload/errors.ts';
import type { Workspace } from '../handlers/dependencies.ts';
import { openStudies } from '../handlers/studies.ts';

/** Opens a path and picks one series: the named one, or the only one there is. Throws UnknownSeries, WrongUse, and what reading throws. */
export async function openSeries(
  workspace: Workspace,
  { path, seriesId }: { path: string; seriesId: string | undefined },
  signal: AbortSignal,
): Promise<SeriesSummary> {
  const { series, skipped } = await openStudies(workspace, [path], { signal });
  const [first, ...others] = series;
  if (first === undefined) {
    const [problem] = skipped;
    if (problem !== undefined) {
      const { tag, message } = problem.error;
      throw deserialiseError({ tag: tag as ErrorTag, message, details: { path: problem.path } });
    }
    throw new VerisimError('NotRecognised', `Nothing that Verisim can read was found in ${path}.`, { path });
  }
  const known = series.map(({ id, description }) => `${id} (${description || 'no description'})`).join(', ');
  if (seriesId === undefined) {
    if (others.length === 0) return first;
    throw new VerisimError('WrongUse', `${path} holds ${series.length} series; name one with --series: ${known}.`);
  }
  const chosen = series.find(({ id }) => id === seriesId);
  if (chosen !== undefined) return chosen;
  throw new VerisimError('UnknownSeries', `${path} holds no series ${seriesId}. It holds: ${known}.`, {
    path,
    expected: known,
    found: seriesId,
  });
}
