import { cache, init as initCore } from '@cornerstonejs/core';
import { addTool, init as initTools, PanTool, ZoomTool } from '@cornerstonejs/tools';
import { CrosshairDragTool, ScrollDragTool, WindowDragTool } from './drag-tools.ts';
import { serveSliceImages } from './slice-images.ts';

let started = false;

/** Slices that were drawn lately are kept, the voxels they are cut from are kept anyway. */
const sliceCacheBytes = 256 * 1024 ** 2;

/** Starts Cornerstone once for the window. */
export function startCornerstone(): void {
  if (started) return;
  started = true;
  initCore();
  cache.setMaxCacheSize(sliceCacheBytes);
  initTools();
  for (const tool of [PanTool, ZoomTool, WindowDragTool, ScrollDragTool, CrosshairDragTool]) addTool(tool);
  serveSliceImages();
}
