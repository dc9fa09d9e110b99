import type { DataSet } from 'dicom-parser';
import type { OverlayLabel } from '../../../preload/overlays.ts';
import { frameReader } from '../dicom/frame-bytes.ts';
import type { ParsedDataSet } from '../dicom/data-set.ts';
import { readNumber, readText, readUint16 } from '../dicom/element-values.ts';
import { isEncapsulatedSyntax, tryParse } from '../dicom/read-head.ts';
import { shortHash } from '../dicom/short-hash.ts';
import type { IndexedSeries } from '../indexed-series.ts';
import { readWholeFile } from '../read-file.ts';
import { allocateVoxels } from '../voxel-store.ts';
import { defaultColour } from './colours.ts';
import type { DrawnOverlay } from './segmentation.ts';
import { describeOnGrid } from './slice-grid.ts';
import type { SliceGrid } from './slice-grid.ts';

/**
 * The overlay planes of a series (PS3.3 C.9.2, groups 6000 to 601E) as one label volume, a label for each group: bits of
 * Overlay Data, or bits of the pixels above those that are used, as older files have them. Null where there are none.
 */
export async function loadPlanes(
  series: IndexedSeries,
  grid: SliceGrid,
  signal?: AbortSignal,
): Promise<DrawnOverlay | null> {
  const size = grid.columns * grid.rows;
  const voxels = allocateVoxels('uint8', size * grid.slices.length, series.files[0]?.path ?? '') as Uint8Array;
  const labels = new Map<number, OverlayLabel>();
  const byPath = Map.groupBy(
    grid.slices.map((slice, k) => ({ slice, k })),
    ({ slice }) => slice.header.path,
  );
  for (const [path, places] of byPath) {
    signal?.throwIfAborted();
    if (places[0]?.slice.header.overlayGroups.length === 0) continue;
    const parsed = tryParse(await readWholeFile(path, signal), path, true);
    if (parsed === null) continue;
    for (const { slice, k } of places) {
      for (const group of slice.header.overlayGroups) {
        const value = (parseInt(group, 16) - 0x6000) / 2 + 1;
        const bits = planeBits(parsed, { group, frame: slice.frameIndex, path, format: slice.header.format });
        if (bits === null) continue;
        if (!labels.has(value)) labels.set(value, labelOf(parsed.dataSet, group, value));
        draw(voxels.subarray(k * size, (k + 1) * size), bits, { value, columns: grid.columns, rows: grid.rows });
      }
    }
  }
  if (labels.size === 0) return null;
  const id = shortHash(`planes|${series.summary.id}`);
  const found = [...labels.values()];
  const maximum = Math.max(...found.map(({ value }) => value));
  const description = describeOnGrid(grid, { id, scalarType: 'uint8', maximum, warnings: [] });
  return {
    overlay: {
      kind: 'labels',
      source: 'planes',
      id,
      title: 'Overlay planes',
      warnings: [],
      volume: description,
      labels: found,
    },
    volume: { ...description, voxels },
  };
}

interface PlaneBits {
  columns: number;
  rows: number;
  /** Of the first overlay pixel on the image, from 0. */
  left: number;
  top: number;
  at: (index: number) => boolean;
}

function planeBits(
  parsed: ParsedDataSet,
  options: { group: string; frame: number; path: string; format: Parameters<typeof frameReader>[1] },
): PlaneBits | null {
  const { group, frame, path, format } = options;
  const { dataSet } = parsed;
  const rows = readUint16(dataSet, `x${group}0010`) ?? 0;
  const columns = readUint16(dataSet, `x${group}0011`) ?? 0;
  const origin = dataSet.elements[`x${group}0050`];
  const top = origin === undefined ? 0 : (dataSet.int16(`x${group}0050`, 0) ?? 1) - 1;
  const left = origin === undefined ? 0 : (dataSet.int16(`x${group}0050`, 1) ?? 1) - 1;
  const place = { columns, rows, left, top };
  const data = dataSet.elements[`x${group}3000`];
  if (data !== undefined) {
    const frames = readNumber(dataSet, `x${group}0015`) ?? 1;
    const firstFrame = (readUint16(dataSet, `x${group}0051`) ?? 1) - 1;
    const index = frames > 1 ? frame - firstFrame : 0;
    if (index < 0 || index >= Math.max(1, frames) || data.length * 8 < (index + 1) * rows * columns) return null;
    const bytes = parsed.dataSet.byteArray;
    const isSwapped = parsed.bigEndian && data.vr === 'OW';
    const bit = index * rows * columns;
    return {
      ...place,
      at: (i) => {
        const byte = (bit + i) >> 3;
        const from = data.dataOffset + (isSwapped ? byte ^ 1 : byte);
        return (((bytes[from] ?? 0) >> ((bit + i) & 7)) & 1) === 1;
      },
    };
  }
  const position = readUint16(dataSet, `x${group}0102`) ?? 0;
  if (isEncapsulatedSyntax(format.transferSyntaxUid) || format.bitsAllocated !== 16 || position > 15) return null;
  const words = frameReader(parsed, format, path)(frame);
  const byte = (position >> 3) ^ (parsed.bigEndian ? 1 : 0);
  return { ...place, at: (i) => (((words[2 * i + byte] ?? 0) >> (position & 7)) & 1) === 1 };
}

function draw(
  slice: Uint8Array,
  bits: PlaneBits,
  { value, columns, rows }: { value: number; columns: number; rows: number },
): void {
  for (let y = 0; y < bits.rows; y++) {
    const row = y + bits.top;
    if (row < 0 || row >= rows) continue;
    for (let x = 0; x < bits.columns; x++) {
      const column = x + bits.left;
      if (column < 0 || column >= columns || !bits.at(y * bits.columns + x)) continue;
      slice[row * columns + column] = value;
    }
  }
}

function labelOf(dataSet: DataSet, group: string, value: number): OverlayLabel {
  const characterSet = readText(dataSet, 'x00080005');
  const name =
    readText(dataSet, `x${group}1500`, characterSet) ||
    readText(dataSet, `x${group}0022`, characterSet) ||
    `Overlay ${value}`;
  return { value, name, colour: defaultColour(value - 1) };
}
