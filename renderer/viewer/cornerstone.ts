import { cache, init as initCore, RenderingEngine } from '@cornerstonejs/core';
import { addTool, init as initTools, PanTool, ZoomTool } from '@cornerstonejs/tools';
import { CrosshairDragTool, ScrollDragTool, WindowDragTool } from './drag-tools.ts';
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
  engine = new RenderingEngine('verisim-viewer');
  return engine;
}
