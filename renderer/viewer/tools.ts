import type { AnnotationKind } from '../../preload/annotations.ts';

/** What a drag with the left button does. */
export const dragTools = ['window', 'scroll', 'pan', 'zoom', 'crosshair'] as const;
export type DragTool = (typeof dragTools)[number];
export type MeasureTool = Exclude<AnnotationKind, 'keyImage'>;
export type ViewerTool = DragTool | MeasureTool;

export function isDragTool(tool: ViewerTool): tool is DragTool {
  return (dragTools as readonly string[]).includes(tool);
}
