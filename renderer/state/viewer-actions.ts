export interface ViewerAction {
  id: string;
  does: string;
  /** Default keys; any of them does it. */
  keys: readonly string[];
}

const presets = Array.from({ length: 9 }, (_, at) => ({
  id: `preset.${at + 1}`,
  does: `window preset ${at + 1}`,
  keys: [String(at + 1)],
}));

/** Everything a key does in the viewer, in the order of the list behind `?`. The defaults are those of Weasis and OHIF. */
export const viewerActions: readonly ViewerAction[] = [
  { id: 'slice.back', does: 'one slice back', keys: ['ArrowUp'] },
  { id: 'slice.on', does: 'one slice on', keys: ['ArrowDown'] },
  { id: 'slice.tenBack', does: 'ten slices back', keys: ['PageUp'] },
  { id: 'slice.tenOn', does: 'ten slices on', keys: ['PageDown'] },
  { id: 'slice.first', does: 'first slice', keys: ['Home'] },
  { id: 'slice.last', does: 'last slice', keys: ['End'] },
  { id: 'cine', does: 'play or stop', keys: ['C'] },
  { id: 'cine.faster', does: 'play faster', keys: ['.'] },
  { id: 'cine.slower', does: 'play slower', keys: [','] },
  { id: 'tool.window', does: 'window/level with the left button', keys: ['W'] },
  { id: 'tool.scroll', does: 'scroll with the left button', keys: ['S'] },
  { id: 'tool.zoom', does: 'zoom with the left button', keys: ['Z'] },
  { id: 'tool.pan', does: 'pan with the left button', keys: ['H'] },
  { id: 'tool.crosshair', does: 'crosshair with the left button', keys: ['X'] },
  { id: 'tool.length', does: 'measure a length', keys: ['M', 'D'] },
  { id: 'tool.angle', does: 'measure an angle', keys: ['G'] },
  { id: 'tool.ellipse', does: 'ellipse with statistics', keys: ['E'] },
  { id: 'tool.rectangle', does: 'rectangle with statistics', keys: ['B'] },
  { id: 'tool.probe', does: 'keep the value at a point', keys: ['P'] },
  { id: 'tool.text', does: 'write a note', keys: ['T'] },
  { id: 'annotation.remove', does: 'remove the chosen measurement', keys: ['Delete'] },
  { id: 'annotation.show', does: 'show or hide measurements', keys: ['Shift+M'] },
  { id: 'undo', does: 'undo', keys: ['Ctrl+Z'] },
  { id: 'redo', does: 'redo', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'] },
  { id: 'keyImage', does: 'mark as key image, or not', keys: ['K'] },
  ...presets,
  { id: 'window.auto', does: 'automatic window', keys: ['A'] },
  { id: 'invert', does: 'invert grey values', keys: ['I'] },
  { id: 'colourMap', does: 'next colour map', keys: ['Shift+C'] },
  { id: 'slab', does: 'next slab: off, MIP, MinIP, mean', keys: ['L'] },
  { id: 'slab.thicker', does: 'thicker slab', keys: ['+'] },
  { id: 'slab.thinner', does: 'thinner slab', keys: ['-'] },
  { id: 'rotate.right', does: 'turn right', keys: [']'] },
  { id: 'rotate.left', does: 'turn left', keys: ['['] },
  { id: 'flip.across', does: 'mirror', keys: ['Shift+H'] },
  { id: 'flip.upsideDown', does: 'turn upside down', keys: ['Shift+V'] },
  { id: 'fit', does: 'fit into the view', keys: ['0'] },
  { id: 'reset', does: 'reset view and window', keys: ['R'] },
  { id: 'maximise', does: 'one plane or all', keys: ['F'] },
  { id: 'plane', does: 'next plane', keys: ['V'] },
  { id: 'layout', does: 'next layout', keys: ['Q'] },
  { id: 'view.next', does: 'next view', keys: ['N'] },
  { id: 'link', does: 'link or unlink the views', keys: ['Shift+L'] },
  { id: 'anatomy', does: 'same anatomy here: link from this match', keys: ['Shift+A'] },
  { id: 'crosshair', does: 'show or hide the crosshair', keys: ['Shift+X'] },
  { id: 'details', does: 'show or hide the details', keys: ['O'] },
  { id: 'reading', does: 'nothing but the images', keys: ['F11'] },
];
