import type { Types } from '@cornerstonejs/core';
import type { CanvasPoint } from './plane-viewport.ts';

const closest = 64;
const farthest = 0.2;

/** Zooms so that what lies under the point stays under it. */
export function zoomAround(viewport: Types.IStackViewport, factor: number, at: CanvasPoint): void {
  const wanted = Math.min(closest, Math.max(farthest, viewport.getZoom() * factor));
  const before = viewport.canvasToWorld([...at]);
  viewport.setZoom(wanted);
  const after = viewport.canvasToWorld([...at]);
  const { focalPoint, position } = viewport.getCamera();
  if (focalPoint === undefined || position === undefined) return;
  const shifted = (point: Types.Point3): Types.Point3 => [
    point[0] + before[0] - after[0],
    point[1] + before[1] - after[1],
    point[2] + before[2] - after[2],
  ];
  viewport.setCamera({ focalPoint: shifted(focalPoint), position: shifted(position) });
  viewport.render();
}

/** True while nobody zoomed or panned; `wholeZoom` shows the whole slice. */
export function isWhole(viewport: Types.IStackViewport, wholeZoom: number): boolean {
  const [x, y] = viewport.getPan();
  return Math.abs(viewport.getZoom() / wholeZoom - 1) < 1e-3 && Math.hypot(x, y) < 1;
}
