import { Enums, type RenderingEngine, type Types } from '@cornerstonejs/core';
import type { Vector3 } from '../../preload/domain.ts';
import { indexToWorld, patientIndex, patientPosition, planeSizeMm, worldToIndex } from './planes.ts';
import type { CanvasPoint, PlaneViewport } from './plane-viewport.ts';
import { colourMapOf } from './colour-maps.ts';
import type { SliceSource } from './oriented-slice.ts';
import { noSlab, type Slab } from './slab.ts';
import { offerSlices } from './slice-images.ts';
import type { Turn } from './viewing.svelte.ts';
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
  let slices = offerSlices(source);
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
  let slab: Slab = noSlab;
  /** Puts a new stack in place of the old one; what was asked for meanwhile is shown next. */
  let restacking = Promise.resolve();
  /** Key repeat may ask for slices faster than they are drawn: the last one asked for is drawn next. */
  async function catchUp(): Promise<void> {
    if (showing) return;
    showing = true;
    while (viewport.getTargetImageIdIndex() !== slice[plane.axis]) await viewport.setImageIdIndex(slice[plane.axis]);
    showing = false;
    viewport.render();
  }

  let ended = false;
  let shown = { window: { centre: 0, width: 1 }, inverted: false, colourMap: 'grey' };
  let turned: Turn = { quarterTurns: 0, mirrored: false, upsideDown: false };
  function indexAt(point: CanvasPoint): Vector3 {
    const index = [...worldToIndex(volume, viewport.canvasToWorld([...point]))] as [number, number, number];
    index[plane.axis] = slice[plane.axis];
    return index;
  }

  /** Window and colours, which Cornerstone forgets with every new stack. */
  function paint(): void {
    const { window, inverted, colourMap } = shown;
    const voiRange = { lower: window.centre - window.width / 2, upper: window.centre + window.width / 2 };
    const colour = volume.samplesPerVoxel === 3;
    viewport.setProperties(colour ? { invert: inverted } : { voiRange, invert: false });
    if (!colour) {
      const { id } = colourMapOf(colourMap);
      viewport.setProperties({ colormap: { name: inverted ? `${id}-inverted` : id } });
    }
    viewport.render();
  }

  /** Cornerstone's zoom at which the turned slice is whole: 1 means whole while upright. */
  function wholeZoom(): number {
    if (turned.quarterTurns % 2 === 0) return 1;
    const { width, height } = planeSizeMm(volume, plane);
    const [across, down] = [element.clientWidth, element.clientHeight];
    return Math.min(across / height, down / width) / Math.min(across / width, down / height) || 1;
  }

  function showTurned(view: { zoom: number; pan?: Types.Point2 | undefined }): void {
    viewport.setViewPresentation({
      zoom: view.zoom,
      ...(view.pan === undefined ? {} : { pan: view.pan }),
      rotation: turned.quarterTurns * 90,
      flipHorizontal: turned.mirrored,
      flipVertical: turned.upsideDown,
    });
    viewport.render();
  }

  function millimetresPerPixelNow(): number {
    const [a, b] = [viewport.canvasToWorld([0, 0]), viewport.canvasToWorld([100, 0])];
    return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 100;
  }

  return {
    showPosition(index) {
      const moved = index[plane.axis] !== slice[plane.axis];
      slice = index;
      if (moved) void catchUp();
    },
    showWindow(window, look) {
      shown = { window, ...look };
      paint();
    },
    showSlab(wanted) {
      if (wanted.mode === slab.mode && (wanted.mode === 'off' || wanted.thicknessMm === slab.thicknessMm)) return;
      slab = wanted;
      restacking = restacking.then(async () => {
        if (ended || slab !== wanted) return;
        const old = slices;
        slices = offerSlices(source, wanted);
        const view = viewport.getViewPresentation();
        await viewport.setStack(slices.imageIds, slice[plane.axis]);
        old.end();
        if (ended) return slices.end();
        viewport.setViewPresentation(view);
        paint();
      });
    },
    turn(wanted) {
      const whole = isWhole(viewport, wholeZoom());
      turned = wanted;
      const { zoom, pan } = viewport.getViewPresentation();
      showTurned({ zoom: whole ? wholeZoom() : (zoom ?? 1), pan });
    },
    zoomView() {
      const millimetresPerPixel = millimetresPerPixelNow();
      const [x, y] = viewport.getPan();
      return {
        millimetresPerPixel,
        panMm: [x * millimetresPerPixel, y * millimetresPerPixel],
        whole: isWhole(viewport, wholeZoom()),
      };
    },
    showZoomView({ millimetresPerPixel, panMm }) {
      viewport.setZoom((viewport.getZoom() * millimetresPerPixelNow()) / millimetresPerPixel);
      viewport.setPan([panMm[0] / millimetresPerPixel, panMm[1] / millimetresPerPixel]);
      viewport.render();
    },
    showWhole() {
      viewport.resetCamera();
      showTurned({ zoom: wholeZoom() });
    },
    zoom: () => viewport.getZoom() / wholeZoom(),
    zoomBy: (factor, at) => zoomAround(viewport, factor, at),
    indexAt,
    worldAt: (point) => patientPosition(volume, indexAt(point)),
    canvasPointOfWorld: (world) => viewport.worldToCanvas([...indexToWorld(volume, patientIndex(volume, world))]),
    canvasPointOf: (index) => viewport.worldToCanvas([...indexToWorld(volume, index)]),
    onDrawn(listener) {
      element.addEventListener(Enums.Events.IMAGE_RENDERED, listener);
      return () => element.removeEventListener(Enums.Events.IMAGE_RENDERED, listener);
    },
    isWhole: () => isWhole(viewport, wholeZoom()),
    end: () => {
      ended = true;
      engine.disableElement(viewportId);
      slices.end();
    },
  };
}
