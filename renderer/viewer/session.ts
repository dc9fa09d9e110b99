import { cache } from '@cornerstonejs/core';
import type { VolumeDescription } from '../../preload/domain.ts';
import { startCornerstone } from './cornerstone.ts';
import { createToolBar, type Drag } from './drag-tools.ts';
import type { Plane, PlaneName } from './planes.ts';
import type { PlaneViewport } from './plane-viewport.ts';
import { openSliceViewport } from './slice-viewport.ts';
import type { ViewingState, ViewerTool } from './viewing.svelte.ts';
import { voxelValues, type VoxelArray } from './voxels.ts';

/** One volume on the screen: its voxels, its place in Cornerstone, its viewports. Ended before the next one begins. */
export interface ViewerSession {
  readonly volume: VolumeDescription;
  valuesAt(index: readonly [number, number, number]): number[];
  openViewport(plane: Plane, element: HTMLDivElement): Promise<PlaneViewport>;
  closeViewport(plane: Plane): void;
  chooseTool(tool: ViewerTool): void;
  /** After the panes changed their sizes. */
  resize(): void;
  end(): void;
}

export function openSession(viewing: ViewingState, volume: VolumeDescription, voxels: VoxelArray): ViewerSession {
  const engine = startCornerstone();
  cache.purgeCache();
  const viewports: Partial<Record<PlaneName, PlaneViewport>> = {};
  const planeOf = (viewportId: string) => viewing.planes.find(({ name }) => idOf(name) === viewportId);
  const toolBar = createToolBar(engine.id, {
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
      toolBar.choose(viewing.tool);
      return viewport;
    },
    closeViewport(plane) {
      toolBar.removeViewport(idOf(plane.name));
      viewports[plane.name]?.end();
      delete viewports[plane.name];
    },
    chooseTool: (tool) => toolBar.choose(tool),
    resize() {
      const whole = Object.values(viewports).filter((viewport) => viewport.isWhole());
      engine.resize(true, true);
      for (const viewport of whole) viewport.showWhole();
    },
    end() {
      toolBar.end();
      for (const viewport of Object.values(viewports)) viewport.end();
      cache.purgeCache();
    },
  };
}

function idOf(plane: PlaneName): string {
  return `verisim-${plane.toLowerCase()}`;
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
