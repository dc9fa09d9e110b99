import type { ViewerTool, ViewingState } from '../../viewer/viewing.svelte.ts';

const tools: Record<string, ViewerTool> = { w: 'window', s: 'scroll', h: 'pan', z: 'zoom', x: 'crosshair' };
const page = 10;

/** Does what a key stands for in the viewer; false where it stands for nothing. */
export function handleViewerKey(viewing: ViewingState, key: string): boolean {
  const plane = viewing.active;
  if (plane === null || viewing.status.kind !== 'ready') return false;
  const moves: Record<string, () => void> = {
    ArrowUp: () => viewing.scroll(plane, -1),
    ArrowDown: () => viewing.scroll(plane, 1),
    PageUp: () => viewing.scroll(plane, -page),
    PageDown: () => viewing.scroll(plane, page),
    Home: () => viewing.showSlice(plane, 0),
    End: () => viewing.showSlice(plane, plane.sliceCount - 1),
    i: () => (viewing.inverted = !viewing.inverted),
    r: () => viewing.reset(),
    f: () => viewing.maximise(plane.name),
    c: () => (viewing.crosshairShown = !viewing.crosshairShown),
  };
  const name = key.length === 1 ? key.toLowerCase() : key;
  const move = moves[name];
  const tool = tools[name];
  if (move !== undefined) move();
  else if (tool !== undefined) viewing.tool = tool;
  else return viewing.choosePreset(name);
  return true;
}
