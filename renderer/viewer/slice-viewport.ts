import { Enums, type RenderingEngine, type Types } from '@cornerstonejs/core';
import type { Vector3 } from '../../preload/domain.ts';
import { indexToWorld, worldToIndex } from './planes.ts';
import type { PlaneViewport } from './plane-viewport.ts';
import { offerSlices, type SliceSource } from './slice-images.ts';
import { isWhole, zoomAround } from './viewport-camera.ts';

interface SliceViewportOptions {
  engine: RenderingEngine;
  viewportId: string;
  element: HTMLDivElement;
  source: SliceSource;
  /** The voxel whose slice is shown first. */
  position: Vector3;
}

/**
 * Slices of one plane, drawn by Cornerstone's stack viewport. They are cut from the voxels as they are asked for: whole
 * voxels, no 3-D texture, so that large volumes open at once and scroll fast without a graphics card too.
 */
export async function openSliceViewport(options: SliceViewportOptions): Promise<PlaneViewport> {
  const { engine, viewportId, element, source } = options;
  const { volume, plane } = source;
  const slices = offerSlices(source);
  engine.enableElement({
    viewportId,
    element,
    type: Enums.ViewportType.STACK,
    defaultOptions: { background: [0, 0, 0] },
  });
  const viewport = engine.getViewport(viewportId) as Types.IStackViewport;
  await viewport.setStack(slices.imageIds, options.position[plane.axis]);

  let slice: Vector3 = options.position;
  let showing = false;
  /** Key repeat may ask for slices faster than they are drawn: the last one asked for is drawn next. */
  async function catchUp(): Promise<void> {
    if (showing) return;
    showing = true;
    while (viewport.getTargetImageIdIndex() !== slice[plane.axis]) await viewport.setImageIdIndex(slice[plane.axis]);
    showing = false;
    viewport.render();
  }

  return {
    showPosition(index) {
      const moved = index[plane.axis] !== slice[plane.axis];
      slice = index;
      if (moved) void catchUp();
    },
    showWindow({ centre, width }, inverted) {
      const voiRange = { lower: centre - width / 2, upper: centre + width / 2 };
      viewport.setProperties(volume.samplesPerVoxel === 3 ? { invert: inverted } : { voiRange, invert: inverted });
      viewport.render();
    },
    showWhole() {
      viewport.resetCamera();
      viewport.render();
    },
    zoom: () => viewport.getZoom(),
    zoomBy: (factor, at) => zoomAround(viewport, factor, at),
    indexAt(point) {
      const index = [...worldToIndex(volume, viewport.canvasToWorld([...point]))] as [number, number, number];
      index[plane.axis] = slice[plane.axis];
      return index;
    },
    canvasPointOf: (index) => viewport.worldToCanvas([...indexToWorld(volume, index)]),
    onDrawn(listener) {
      element.addEventListener(Enums.Events.IMAGE_RENDERED, listener);
      return () => element.removeEventListener(Enums.Events.IMAGE_RENDERED, listener);
    },
    isWhole: () => isWhole(viewport),
    end: () => {
      engine.disableElement(viewportId);
      slices.end();
    },
  };
}
