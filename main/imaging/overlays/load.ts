import type { Volume } from '../../../preload/domain.ts';
import type { Overlay } from '../../../preload/overlays.ts';
import type { SkippedFile } from '../../../preload/domain.ts';
import type { ImagingOptions, IndexedSeries } from '../indexed-series.ts';
import { skippedFile } from '../skipped.ts';
import { loadPlanes } from './planes.ts';
import { loadSegmentation } from './segmentation.ts';
import { readSliceGrid } from './slice-grid.ts';
import { loadStructures } from './structures.ts';

/**
 * Everything that lies over a DICOM series; `volume` holds the voxels of label overlays. In the order of
 * their file names, whatever order the folder lists them in. A bad file is told, the rest goes on.
 */
export async function loadOverlays(
  series: IndexedSeries,
  { signal }: ImagingOptions = {},
): Promise<{ overlays: { overlay: Overlay; volume: Volume | null }[]; skipped: SkippedFile[] }> {
  const overlays: { overlay: Overlay; volume: Volume | null }[] = [];
  const skipped: SkippedFile[] = [];
  if (series.summary.format !== 'dicom') return { overlays, skipped };
  const grid = await readSliceGrid(series, signal);
  const planes = await loadPlanes(series, grid, signal);
  if (planes !== null) overlays.push(planes);
  const sources = [...(series.overlays ?? [])].sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
  for (const source of sources) {
    signal?.throwIfAborted();
    try {
      if (source.kind === 'segmentation') overlays.push(...(await loadSegmentation(source, grid, signal)));
      else overlays.push({ overlay: await loadStructures(source, signal), volume: null });
    } catch (error) {
      signal?.throwIfAborted();
      skipped.push(skippedFile(source.path, error));
    }
  }
  return { overlays, skipped };
}
