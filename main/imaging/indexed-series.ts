import type { SeriesSummary } from '../../preload/domain.ts';

/** One file of a series. `frames` names the 0-based frames that belong to the series where it is not all of them. */
export interface IndexedFile {
  path: string;
  frameCount: number;
  frames?: number[];
  modifiedMs: number;
  size: number;
}

/** JSON-serialisable: what `loadVolume` needs, also after a restart. Files are sorted along the slice normal. */
export interface IndexedSeries {
  summary: SeriesSummary;
  files: IndexedFile[];
  /** What overlays refer to; DICOM only. */
  uids?: { series: string; study: string; frameOfReference: string };
  /** Objects that lie over this series. */
  overlays?: IndexedOverlay[];
}

/** A Segmentation or an RT Structure Set, and the series that it refers to. */
export interface IndexedOverlay {
  id: string;
  kind: 'segmentation' | 'structures';
  path: string;
  title: string;
  seriesUids: string[];
  studyUid: string;
  frameOfReferenceUid: string;
}

export interface ImagingProgress {
  done: number;
  total: number | null;
  phase: string;
}

export interface ImagingOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: ImagingProgress) => void) | undefined;
}
