import { placesOf } from '../slice-origins.ts';
import type { VolumeDescription, Vector3 } from '../../../preload/domain.ts';
import { arrangeFrames } from '../dicom/arrange.ts';
import { normalOf } from '../dicom/frames.ts';
import type { FrameEntry } from '../dicom/arrange.ts';
import { entriesOf } from '../dicom/group-series.ts';
import { readHeader } from '../dicom/header.ts';
import type { IndexedSeries } from '../indexed-series.ts';

/** The slices of the first time point of a series, each at its own place, also where spacing is uneven or sheared. */
export interface SliceGrid {
  columns: number;
  rows: number;
  slices: FrameEntry[];
  spacingMm: Vector3;
  originLps: Vector3;
  row: Vector3;
  column: Vector3;
  normal: Vector3;
  description: Pick<
    VolumeDescription,
    'spacingMm' | 'originLps' | 'directionLps' | 'sliceOriginsLps' | 'frameOfReferenceUid'
  >;
}

/** Reads the headers of a series again, in the order of its slices. */
export async function readSliceGrid(series: IndexedSeries, signal?: AbortSignal): Promise<SliceGrid> {
  const entries: FrameEntry[] = [];
  for (const { path, frames } of series.files) {
    signal?.throwIfAborted();
    const all = entriesOf(await readHeader(path));
    entries.push(...(frames === undefined ? all : all.filter(({ frameIndex }) => frames.includes(frameIndex))));
  }
  const arrangement = arrangeFrames(entries);
  const { entries: ordered, slices, spacingMm, originLps, directionLps } = arrangement;
  const first = ordered[0];
  const orientation = first?.frame.orientation ?? [1, 0, 0, 0, 1, 0];
  const [a, b, c, d, e, f] = orientation;
  return {
    columns: series.summary.columns,
    rows: series.summary.rows,
    slices: ordered.slice(0, slices),
    spacingMm,
    originLps,
    row: [a, b, c],
    column: [d, e, f],
    normal: normalOf([a, b, c, d, e, f]),
    description: {
      spacingMm,
      originLps,
      directionLps,
      ...placesOf(arrangement),
      frameOfReferenceUid: first?.header.frameOfReferenceUid ?? '',
    },
  };
}

/** A volume description for an overlay on the grid. */
export function describeOnGrid(
  grid: SliceGrid,
  own: { id: string; scalarType: 'uint8' | 'uint16'; maximum: number; warnings: string[] },
): VolumeDescription {
  return {
    id: own.id,
    dimensions: [grid.columns, grid.rows, grid.slices.length],
    ...grid.description,
    scalarType: own.scalarType,
    samplesPerVoxel: 1,
    range: { min: 0, max: own.maximum, p1: 0, p99: own.maximum },
    windows: [{ centre: own.maximum / 2, width: Math.max(1, own.maximum) }],
    modality: 'SEG',
    unit: '',
    inverted: false,
    synthetic: false,
    warnings: own.warnings,
  };
}

export function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
