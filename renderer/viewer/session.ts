import type { VolumeDescription } from '../../preload/domain.ts';
import { knowViewport, startCornerstone } from './cornerstone.ts';
import { createToolBar, type Drag } from './drag-tools.ts';
import type { Plane, PlaneName } from './planes.ts';
import type { PlaneViewport } from './plane-viewport.ts';
import { openSliceViewport } from './slice-viewport.ts';
import type { ViewerTool } from './tools.ts';
import type { ViewingState } from './viewing.svelte.ts';
import { voxelValues, type VoxelArray } from './voxels.ts';

/** One volume on the screen: its voxels, its place in Cornerstone, its viewports. Ended before the next one begins. */
export interface ViewerSession {
  readonly volume: VolumeDescription;
  readonly voxels: VoxelArray;
  valuesAt(index: readonly [number, number, number]): number[];
  openViewport(plane: Plane, element: HTMLDivElement): Promise<PlaneViewport>;
  closeViewport(plane: Plane): void;
  chooseTool(tool: ViewerTool): void;
  end(): void;
}

let sessions = 0;

export function openSession(viewing: ViewingState, volume: VolumeDescription, voxels: VoxelArray): ViewerSession {
  const engine = startCornerstone();
  const id = `verisim-${sessions++}`;
  let tool: ViewerTool = 'window';
  const idOf = (plane: PlaneName) => `${id}-${plane.toLowerCase()}`;
  const forget: Partial<Record<PlaneName, () => void>> = {};
  const viewports: Partial<Record<PlaneName, PlaneViewport>> = {};
  const planeOf = (viewportId: string) => viewing.planes.find(({ name }) => idOf(name) === viewportId);
  const toolBar = createToolBar(engine.id, id, {
    window: ({ by }) => {
      const { centre, width } = viewing.window;
      const perPixel = (volume.range.p99 - volume.range.p1 || 1) / 400;
      viewing.changeWindow(centre + by[1] * perPixel, width + by[0] * perPixel);
    },
    scroll: scrollByDrag((viewportId, slices) => {
      const plane = planeOf(viewportId);
      if (plane !== undefined) viewing.scroll(plane, slices);
    }),
    crosshair: ({ viewportId, at }) => {
      const plane = planeOf(viewportId);
      const viewport = plane && viewports[plane.name];
      if (viewport !== undefined) viewing.moveTo(viewport.indexAt(at));
    },
  });
  return {
    volume,
    voxels,
    valuesAt: (index) => voxelValues(volume, voxels, index),
    async openViewport(plane, element) {
      const viewportId = idOf(plane.name);
      const { position } = viewing;
      const viewport = await openSliceViewport({
        engine,
        viewportId,
        element,
        position,
        source: { volume, voxels, plane },
      });
      viewports[plane.name] = viewport;
      toolBar.addViewport(viewportId);
      toolBar.choose(tool);
      forget[plane.name] = knowViewport(viewport);
      return viewport;
    },
    closeViewport(plane) {
      forget[plane.name]?.();
      toolBar.removeViewport(idOf(plane.name));
      viewports[plane.name]?.end();
      delete viewports[plane.name];
    },
    chooseTool(wanted) {
      tool = wanted;
      toolBar.choose(wanted);
    },
    end() {
      toolBar.end();
      for (const end of Object.values(forget)) end();
      for (const viewport of Object.values(viewports)) viewport.end();
    },
  };
}

/** One slice for every few pixels of a vertical drag. */
function scrollByDrag(scroll: (viewportId: string, slices: number) => void): (drag: Drag) => void {
  const pixelsPerSlice = 4;
  let rest = 0;
  return ({ viewportId, by }) => {
    rest += by[1] / pixelsPerSlice;
    const slices = Math.trunc(rest);
    rest -= slices;
    if (slices !== 0) scroll(viewportId, slices);
  };
}
