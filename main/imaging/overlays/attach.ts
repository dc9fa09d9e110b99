import type { SkippedFile } from '../../../preload/domain.ts';
import { VerisimError } from '../../../preload/errors.ts';
import { groupSeries } from '../dicom/group-series.ts';
import type { DicomHeader } from '../dicom/header.ts';
import type { IndexedOverlay, IndexedSeries } from '../indexed-series.ts';
import { skippedFile } from '../skipped.ts';
import { liesOver } from './recognise.ts';

/**
 * Groups images and lays overlays on the series that they refer to, new or known. A Segmentation that lies over a series
 * is no series of its own; one that lies over none is opened as images; structures that lie over none are reported.
 */
export function attachOverlays(
  found: { headers: DicomHeader[]; overlays: IndexedOverlay[] },
  known: IndexedSeries[],
): { series: IndexedSeries[]; unused: SkippedFile[] } {
  const overlayPaths = new Map(found.overlays.map((overlay) => [overlay.path, overlay]));
  const images = found.headers.filter(({ path }) => !overlayPaths.has(path));
  const fresh = groupSeries(images);
  const freshIds = new Set(fresh.map(({ summary }) => summary.id));
  const older = known.filter(({ summary }) => !freshIds.has(summary.id));
  const used = new Set<string>();
  const dressed = [...fresh, ...older].flatMap((one) => {
    const uids = one.uids;
    const over = uids === undefined ? [] : found.overlays.filter((overlay) => liesOver(overlay, uids));
    for (const { path } of over) used.add(path);
    const earlier = known.find(({ summary }) => summary.id === one.summary.id)?.overlays ?? [];
    const overlays = [...new Map([...earlier, ...over].map((overlay) => [overlay.id, overlay])).values()];
    if (over.length === 0 && !freshIds.has(one.summary.id)) return [];
    return [overlays.length === 0 ? one : { ...one, overlays }];
  });
  const alone = groupSeries(found.headers.filter(({ path }) => overlayPaths.has(path) && !used.has(path)));
  const unused = found.overlays.filter(({ kind, path }) => kind === 'structures' && !used.has(path));
  return { series: [...dressed, ...alone], unused: unused.map(({ path }) => skippedFile(path, withoutSeries(path))) };
}

function withoutSeries(path: string): VerisimError {
  return new VerisimError(
    'NotRecognised',
    `"${path}" is an RT structure set, and the series that it outlines is not open. Open both together, or the series first.`,
    { path, expected: 'the series that it refers to', found: 'an RT structure set' },
  );
}
