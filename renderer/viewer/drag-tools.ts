import { BaseTool, Enums, ToolGroupManager, PanTool, ZoomTool, type Types } from '@cornerstonejs/tools';
import type { CanvasPoint } from './plane-viewport.ts';
import { isDragTool, type DragTool as DragToolName, type ViewerTool } from './tools.ts';

export interface Drag {
  viewportId: string;
  /** Where the pointer is, and how far it came since the last call, in CSS pixels. */
  at: CanvasPoint;
  by: CanvasPoint;
}

/** What the viewer does with a drag; Cornerstone decides which button and tool it belongs to. */
export type DragListeners = Record<'window' | 'scroll' | 'crosshair', (drag: Drag) => void>;

const supportedInteractionTypes: ('Mouse' | 'Touch')[] = ['Mouse', 'Touch'];

abstract class DragTool extends BaseTool {
  constructor(properties: Types.PublicToolProps) {
    super(properties, { supportedInteractionTypes, configuration: { listener: null } });
  }

  mouseDragCallback(event: Types.EventTypes.MouseDragEventType): void {
    const { viewportId, currentPoints, deltaPoints } = event.detail;
    this.tell({ viewportId, at: currentPoints.canvas, by: deltaPoints.canvas });
  }

  protected tell(drag: Drag): void {
    (this.configuration as { listener: ((drag: Drag) => void) | null }).listener?.(drag);
  }
}

export class WindowDragTool extends DragTool {
  static override toolName = 'VerisimWindow';
}

export class ScrollDragTool extends DragTool {
  static override toolName = 'VerisimScroll';
}

/** Answers the press itself too, so that a click moves the crosshair. */
export class CrosshairDragTool extends DragTool {
  static override toolName = 'VerisimCrosshair';

  preMouseDownCallback = (event: Types.EventTypes.MouseDownActivateEventType): boolean => {
    const { viewportId, currentPoints } = event.detail;
    this.tell({ viewportId, at: currentPoints.canvas, by: [0, 0] });
    return false;
  };
}

const toolNames: Record<DragToolName, string> = {
  window: WindowDragTool.toolName,
  scroll: ScrollDragTool.toolName,
  crosshair: CrosshairDragTool.toolName,
  pan: PanTool.toolName,
  zoom: ZoomTool.toolName,
};

export interface ToolBar {
  addViewport(viewportId: string): void;
  removeViewport(viewportId: string): void;
  /** The tool of the left button; the middle button always pans, the right one always zooms. */
  choose(tool: ViewerTool): void;
  end(): void;
}

/** Binds tools to mouse buttons for the viewports of one rendering engine. */
export function createToolBar(engineId: string, groupId: string, listeners: DragListeners): ToolBar {
  const id = `${groupId}-tools`;
  ToolGroupManager.destroyToolGroup(id);
  const group = ToolGroupManager.createToolGroup(id);
  if (group === undefined) throw new Error('Cornerstone gave no tool group.');
  group.addTool(PanTool.toolName);
  group.addTool(ZoomTool.toolName);
  group.addTool(WindowDragTool.toolName, { listener: listeners.window });
  group.addTool(ScrollDragTool.toolName, { listener: listeners.scroll });
  group.addTool(CrosshairDragTool.toolName, { listener: listeners.crosshair });
  return {
    addViewport: (viewportId) => group.addViewport(viewportId, engineId),
    removeViewport: (viewportId) => group.removeViewports(engineId, viewportId),
    choose(tool) {
      for (const name of Object.values(toolNames)) group.setToolPassive(name, { removeAllBindings: true });
      const { Primary, Secondary, Auxiliary } = Enums.MouseBindings;
      group.setToolActive(PanTool.toolName, { bindings: [{ mouseButton: Auxiliary }] });
      group.setToolActive(ZoomTool.toolName, { bindings: [{ mouseButton: Secondary }] });
      if (isDragTool(tool)) group.setToolActive(toolNames[tool], { bindings: [{ mouseButton: Primary }] });
    },
    end: () => ToolGroupManager.destroyToolGroup(id),
  };
}
