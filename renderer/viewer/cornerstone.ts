import { Enums, init as initCore } from '@cornerstonejs/core';
import { addTool, init as initTools, PanTool, ZoomTool } from '@cornerstonejs/tools';
import { CrosshairDragTool, ScrollDragTool, WindowDragTool } from './drag-tools.ts';
import { serveStackImages } from './stack-images.ts';

let started = false;

/** Starts Cornerstone once for the window: one drawing context shared by all viewports, so that a volume is on the GPU once. */
export function startCornerstone(): void {
  if (started) return;
  started = true;
  initCore({ rendering: { renderingEngineMode: Enums.RenderingEngineModeEnum.Tiled }, debug: {} });
  initTools();
  for (const tool of [PanTool, ZoomTool, WindowDragTool, ScrollDragTool, CrosshairDragTool]) addTool(tool);
  serveStackImages();
}
