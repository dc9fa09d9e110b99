import { Enums, type RenderingEngine, type Types } from '@cornerstonejs/core';
import type { Vector3, VolumeDescription } from '../../preload/domain.ts';
import { dot, indexToWorld, type Plane, subtract, worldToIndex } from './planes.ts';
import type { PlaneViewport } from './plane-viewport.ts';
import { isWhole, zoomAround } from './viewport-camera.ts';

interface VolumeViewportOptions {
  engine: RenderingEngine;
  viewportId: string;
  element: HTMLDivElement;
  volume: VolumeDescription;
  /** Cornerstone's name of the volume. */
  volumeId: string;
  plane: Plane;
}

/** A plane through the voxels of a volume, drawn by Cornerstone's orthographic viewport. */
export async function openVolumeViewport(options: VolumeViewportOptions): Promise<PlaneViewport> {
  const { engine, viewportId, element, volume, volumeId, plane } = options;
  engine.enableElement({
    viewportId,
    element,
    type: Enums.ViewportType.ORTHOGRAPHIC,
    defaultOptions: {
      background: [0, 0, 0],
      orientation: { viewPlaneNormal: [...plane.normal], viewUp: [...plane.up] },
    },
  });
  const viewport = engine.getViewport(viewportId) as Types.IVolumeViewport;
  await viewport.setVolumes([{ volumeId }]);

  let slice: Vector3 = [0, 0, 0];
  function showPosition(index: Vector3): void {
    slice = index;
    const camera = viewport.getCamera();
    const { focalPoint, position } = camera;
    if (focalPoint === undefined || position === undefined) return;
    const distance = dot(subtract(indexToWorld(volume, index), focalPoint), plane.normal);
    if (Math.abs(distance) < 1e-6) return;
    viewport.setCamera({
      focalPoint: moved(focalPoint, plane.normal, distance),
      position: moved(position, plane.normal, distance),
    });
    viewport.render();
  }

  return {
    showPosition,
    showWindow({ centre, width }, inverted) {
      viewport.setProperties({ voiRange: { lower: centre - width / 2, upper: centre + width / 2 }, invert: inverted });
      viewport.render();
    },
    showWhole() {
      viewport.resetCamera();
      showPosition(slice);
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
    end: () => engine.disableElement(viewportId),
  };
}

function moved(point: Types.Point3, along: Vector3, distance: number): Types.Point3 {
  return [point[0] + along[0] * distance, point[1] + along[1] * distance, point[2] + along[2] * distance];
}
