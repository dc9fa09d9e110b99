import type { Volume } from '../../../preload/domain.ts';
import type { Overlay, OverlayLabel } from '../../../preload/overlays.ts';
import { decodeFile } from '../dicom/decode-file.ts';
import { readText, readUint16 } from '../dicom/element-values.ts';
import { headerOf } from '../dicom/header.ts';
import { entriesOf } from '../dicom/group-series.ts';
import { readHead } from '../dicom/read-head.ts';
import { shortHash } from '../dicom/short-hash.ts';
import type { IndexedOverlay } from '../indexed-series.ts';
import { readWholeFile } from '../read-file.ts';
import { allocateVoxels } from '../voxel-store.ts';
import { drawFrame, planeOf, placeFrames } from './draw-frame.ts';
import type { PlacedFrame } from './draw-frame.ts';
import { readSegmentFrames, readSegments } from './segment-frames.ts';
import { describeOnGrid } from './slice-grid.ts';
import type { SliceGrid } from './slice-grid.ts';

/** An overlay with its voxels, which go into the volume cache. */
export interface DrawnOverlay {
  overlay: Overlay;
  volume: Volume;
}

/**
 * A Segmentation object (PS3.3 A.51, binary, fractional or label map) on the grid of its series, nearest neighbour: every
 * slice of the series takes the frame that lies at it. Binary and label map give one label volume, where a later
 * segment covers an earlier one (told); fractional gives a volume for each segment. Throws what `loadVolume` throws.
 */
export async function loadSegmentation(
  source: IndexedOverlay,
  grid: SliceGrid,
  signal?: AbortSignal,
): Promise<DrawnOverlay[]> {
  const { path } = source;
  const { parsed, size, modifiedMs } = await readHead(path);
  const { dataSet } = parsed;
  const header = headerOf(parsed, { path, size, modifiedMs });
  const segments = readSegments(dataSet);
  const isFractional = readText(dataSet, 'x00620001') === 'FRACTIONAL';
  const top = isFractional ? (readUint16(dataSet, 'x0062000e') ?? 255) : 1;
  const entries = entriesOf(header);
  const identities = readSegmentFrames(dataSet, header.format.frameCount);
  const placed = placeFrames(entries, identities, grid);
  const highest = Math.max(1, ...segments.map(({ value }) => value), ...placed.map(({ segment }) => segment));
  const canvas = new Canvas({ source, grid, top, highest, isFractional });
  const lost = entries.length - new Set(placed.map(({ frameIndex }) => frameIndex)).size;
  const byFrame = Map.groupBy(placed, ({ frameIndex }) => frameIndex);
  const wanted = entries.flatMap(({ frameIndex, frame }) => (byFrame.has(frameIndex) ? [{ frameIndex, frame }] : []));
  let next = 0;
  const bytes = await readWholeFile(path, signal);
  for (const { values } of await decodeFile(bytes, path, { wanted, shape: header.format })) {
    signal?.throwIfAborted();
    for (const place of byFrame.get(wanted[next]?.frameIndex ?? -1) ?? []) canvas.draw(values, place);
    next++;
  }
  const warnings = [
    ...(lost > 0 ? [`${lost} of ${entries.length} frames of "${source.title}" lie beside the series.`] : []),
    ...(canvas.overlaps > 0 ? ['Segments overlap; where they do, the later one is shown.'] : []),
  ];
  return canvas.finish(segments, warnings);
}

/** Label voxels, or those of each segment. */
class Canvas {
  overlaps = 0;
  private readonly layers = new Map<number, Uint8Array | Uint16Array>();
  private readonly options: {
    source: IndexedOverlay;
    grid: SliceGrid;
    top: number;
    highest: number;
    isFractional: boolean;
  };

  constructor(options: Canvas['options']) {
    this.options = options;
  }

  draw(values: ArrayLike<number>, place: PlacedFrame): void {
    const { isFractional } = this.options;
    const layer = this.layer(isFractional ? place.segment : 0);
    const valueOf = isFractional
      ? (value: number) => value
      : (value: number) => (place.segment === 0 ? value : value > 0 ? place.segment : 0);
    this.overlaps += drawFrame(layer, { values, place, plane: planeOf(place), grid: this.options.grid, valueOf });
  }

  finish(segments: OverlayLabel[], warnings: string[]): DrawnOverlay[] {
    const { source, isFractional, top } = this.options;
    if (!isFractional) {
      const labels =
        segments.length > 0 ? segments : [{ value: 1, name: source.title, colour: [230, 75, 60] as const }];
      const { id, volume, description } = this.volume(0, warnings);
      const common = { id, title: source.title, warnings, volume: description };
      return [{ overlay: { kind: 'labels', source: 'segmentation', labels, ...common }, volume }];
    }
    return segments.map((label) => {
      const { id, volume, description } = this.volume(label.value, warnings);
      const common = { id, title: `${source.title}: ${label.name}`, warnings, volume: description };
      return { overlay: { kind: 'fraction', label, maximum: top, ...common }, volume };
    });
  }

  private volume(segment: number, warnings: string[]) {
    const { source, grid, top, highest, isFractional } = this.options;
    const voxels = this.layer(segment);
    const { originLps, spacingMm } = grid;
    const id = shortHash(JSON.stringify([source.id, segment, originLps, spacingMm, grid.slices.length]));
    const scalarType = voxels instanceof Uint16Array ? ('uint16' as const) : ('uint8' as const);
    const description = describeOnGrid(grid, { id, scalarType, maximum: isFractional ? top : highest, warnings });
    return { id, description, volume: { ...description, voxels } };
  }

  private layer(segment: number): Uint8Array | Uint16Array {
    const { grid, source, highest, top, isFractional } = this.options;
    const isWide = (isFractional ? top : highest) > 255;
    const existing = this.layers.get(segment);
    if (existing !== undefined) return existing;
    const count = grid.columns * grid.rows * grid.slices.length;
    const layer = allocateVoxels(isWide ? 'uint16' : 'uint8', count, source.path) as Uint8Array | Uint16Array;
    this.layers.set(segment, layer);
    return layer;
  }
}
