import type { Vector3, VoiWindow } from '../../preload/domain.ts';
import type { Slab } from './slab.ts';
import type { Turn, ZoomView } from './viewing.svelte.ts';

export type CanvasPoint = readonly [x: number, y: number];

/** One viewport that shows slices of one plane, whatever draws it. Canvas points are CSS pixels from its top left. */
export interface PlaneViewport {
  /** Shows the slice on which this voxel lies; zoom and pan stay. */
  showPosition(index: Vector3): void;
  showWindow(window: VoiWindow, look: { inverted: boolean; colourMap: string }): void;
  /** Joins slices, or shows them one by one again; zoom and pan stay. */
  showSlab(slab: Slab): void;
  turn(turn: Turn): void;
  /** How large and where the image lies, and the same asked for. */
  zoomView(): ZoomView;
  showZoomView(view: ZoomView): void;
  /** The whole slice, centred. */
  showWhole(): void;
  /** 1 shows the whole slice. */
  zoom(): number;
  zoomBy(factor: number, at: CanvasPoint): void;
  /** Voxel index, with fractions, of a point of the slice in view. */
  indexAt(point: CanvasPoint): Vector3;
  /** The same in the patient, true also where the slices are tilted or uneven; and the way back. */
  worldAt(point: CanvasPoint): Vector3;
  canvasPointOfWorld(world: Vector3): CanvasPoint;
  canvasPointOf(index: Vector3): CanvasPoint;
  /** Called after every drawing: slice, zoom, pan, window or size may have changed. Returns the function that ends it. */
  onDrawn(listener: () => void): () => void;
  /** Nobody zoomed or panned. */
  isWhole(): boolean;
  end(): void;
}
