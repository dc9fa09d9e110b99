import type { Annotation } from '../../preload/annotations.ts';
import type { Workspace } from './dependencies.ts';

/** Throws UnknownSeries. */
export function listAnnotations({ log }: Workspace, seriesId: string): { annotations: Annotation[] } {
  log.series.get(seriesId);
  return { annotations: log.annotations.list(seriesId) };
}

/** Throws UnknownSeries, before anything is written. */
export function saveAnnotations(
  { log }: Workspace,
  { saved, removed }: { saved: Annotation[]; removed: string[] },
): Record<string, never> {
  for (const seriesId of new Set(saved.map((one) => one.seriesId))) log.series.get(seriesId);
  log.annotations.change(saved, removed);
  return {};
}
