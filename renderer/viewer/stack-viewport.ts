import { Enums, type RenderingEngine, type Types } from '@cornerstonejs/core';
import type { Vector3 } from '../../preload/domain.ts';
import { indexToWorld, worldToIndex } from './planes.ts';
import type { PlaneViewport } from './plane-viewport.ts';
import { setStackSource, stackImageIds, type StackSource } from './stack-images.ts';
import { isWhole, zoomAround } from './viewport-camera.ts';

interface StackViewportOptions {
  engine: RenderingEngine;
  viewportId: string;
  element: HTMLDivElement;
  source: StackSource;
}

/** Single images, colour images and time series, one slice after the other, drawn by Cornerstone's stack viewport. */
export async function openStackViewport(options: StackViewportOptions): Promise<PlaneViewport> {
  const { engine, viewportId, element, source } = options;
  const { volume, plane } = source;
  setStackSource(source);
  engine.enableElement({
    viewportId,
    element,
    type: Enums.ViewportType.STACK,
    defaultOptions: { background: [0, 0, 0] },
  });
  const viewport = engine.getViewport(viewportId) as Types.IStackViewport;
  await viewport.setStack(stackImageIds(source), 0);

  let slice: Vector3 = [0, 0, 0];
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
      slice = index;
      void catchUp();
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
      setStackSource(null);
    },
  };
}
