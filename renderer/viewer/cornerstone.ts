import { cache, Enums, eventTarget, init as initCore, RenderingEngine, utilities } from '@cornerstonejs/core';
import { addTool, init as initTools, PanTool, ZoomTool } from '@cornerstonejs/tools';
import { CrosshairDragTool, ScrollDragTool, WindowDragTool } from './drag-tools.ts';
import { colourMaps } from './colour-maps.ts';
import type { PlaneViewport } from './plane-viewport.ts';
import { serveSliceImages } from './slice-images.ts';

let engine: RenderingEngine | null = null;

/** Slices that were drawn lately are kept, the voxels they are cut from are kept anyway. */
const sliceCacheBytes = 256 * 1024 ** 2;

/** Starts Cornerstone once for the window. One engine serves all series: it holds the few GPU contexts there are. */
export function startCornerstone(): RenderingEngine {
  if (engine !== null) return engine;
  initCore();
  cache.setMaxCacheSize(sliceCacheBytes);
  initTools();
  for (const tool of [PanTool, ZoomTool, WindowDragTool, ScrollDragTool, CrosshairDragTool]) addTool(tool);
  serveSliceImages();
  registerColourMaps();
  eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, onContextLost);
  engine = newEngine();
  return engine;
}

let engines = 0;

function newEngine(): RenderingEngine {
  return new RenderingEngine(`verisim-viewer-${engines++}`);
}

/** Ends what is drawn; the answer opens it again, and is false where there was nothing. */
type Pause = () => Promise<() => boolean>;

const drawers = new Set<Pause>();
/** An engine loses its contexts one after the other, each with an event of its own. */
const lossTakesMs = 300;
let replacing = false;

/**
 * A graphics process that ends takes all that it was given along. Whoever draws gives `pause`, which ends its viewports and
 * answers how they are opened again; the returned function ends that.
 */
export function drawAgainAfterLoss(pause: Pause): () => void {
  drawers.add(pause);
  return () => drawers.delete(pause);
}

function onContextLost(event: Event): void {
  const { renderingEngineId } = (event as CustomEvent<{ renderingEngineId: string }>).detail;
  if (replacing || renderingEngineId !== engine?.id) return;
  replacing = true;
  setTimeout(() => void replaceEngine().finally(() => (replacing = false)), lossTakesMs);
}

/** A new process may be slow to start, or end once more: then what it was given stays black, and it is given all of it again. */
const attempts = 4;

async function replaceEngine(): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const resumes = await Promise.all([...drawers].map((pause) => pause()));
    engine?.destroy();
    await graphicsReady();
    const made = newEngine();
    engine = made;
    const resumed = resumes.map((resume) => resume());
    if (!resumed.includes(true) || (await becomes(() => hasDrawn(made), drawingTakesMs))) return;
  }
}

const [startTakesMs, drawingTakesMs, pollMs] = [10_000, 3_000, 100];

async function becomes(condition: () => boolean, withinMs: number): Promise<boolean> {
  for (let waited = 0; waited < withinMs; waited += pollMs) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return condition();
}

/** Until the new graphics process gives a context that draws: an engine that is made before then stays black. */
async function graphicsReady(): Promise<void> {
  await becomes(givesContext, startTakesMs);
}

function givesContext(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  if (context === null || context.isContextLost()) return false;
  context.clearColor(1, 1, 1, 1);
  context.clear(context.COLOR_BUFFER_BIT);
  const pixel = new Uint8Array(4);
  context.readPixels(0, 0, 1, 1, context.RGBA, context.UNSIGNED_BYTE, pixel);
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return pixel[0] === 255;
}

/** Whether any of its images shows more than one colour. */
function hasDrawn(made: RenderingEngine): boolean {
  return made.getViewports().some(({ canvas }) => isPicture(canvas));
}

function isPicture(canvas: HTMLCanvasElement): boolean {
  const { width, height } = canvas;
  if (width === 0 || height === 0) return false;
  const pixels = new Uint32Array(canvas.getContext('2d')?.getImageData(0, 0, width, height).data.buffer ?? []);
  return pixels.some((pixel) => pixel !== pixels[0]);
}

const viewports = new Set<PlaneViewport>();

/** Counts a viewport in when panes change their sizes; the returned function ends that. */
export function knowViewport(viewport: PlaneViewport): () => void {
  viewports.add(viewport);
  return () => viewports.delete(viewport);
}

/** After panes changed their sizes: what was shown whole is shown whole again. */
export function resizeViewports(): void {
  const whole = [...viewports].filter((viewport) => viewport.isWhole());
  engine?.resize(true, true);
  for (const viewport of whole) viewport.showWhole();
}

/** Each map twice: Cornerstone forgets an inversion when it is given a map. */
function registerColourMaps(): void {
  for (const { id, points } of colourMaps) {
    const register = (name: string, corners: typeof points) =>
      utilities.colormap.registerColormap({ Name: name, ColorSpace: 'RGB', RGBPoints: corners.flat() });
    register(id, points);
    register(
      `${id}-inverted`,
      [...points].reverse().map(([at, ...rgb]) => [1 - at, ...rgb] as const),
    );
  }
}
