export interface ShortcutGroup {
  title: string;
  /** Keys are separated by spaces, pressed together where a plus stands between them. */
  shortcuts: readonly { keys: string; does: string }[];
}

/** Every key the window answers to, as the list behind `?` shows them. */
export const shortcutGroups: readonly ShortcutGroup[] = [
  {
    title: 'Everywhere',
    shortcuts: [
      { keys: 'Ctrl+1 … Ctrl+6', does: 'go to a screen' },
      { keys: 'Tab Shift+Tab', does: 'next, previous control' },
      { keys: '?', does: 'this list' },
    ],
  },
  {
    title: 'Mouse in the viewer',
    shortcuts: [
      { keys: 'Left', does: 'the chosen tool; window/level: across for width, down for level' },
      { keys: 'Wheel', does: 'slices' },
      { keys: 'Middle', does: 'pan' },
      { keys: 'Right Ctrl+Wheel', does: 'zoom' },
      { keys: 'Shift+move', does: 'linked crosshair' },
      { keys: 'Double-click', does: 'one plane or all' },
    ],
  },
  {
    title: 'Create',
    shortcuts: [
      { keys: 'Ctrl+Enter', does: 'queue the run' },
      { keys: 'Ctrl+Shift+Enter', does: 'queue it before those that wait' },
      { keys: 'Shift+X', does: 'cancel the run in view' },
      { keys: 'S', does: 'take the seed of the chosen image' },
      { keys: 'A', does: 'take all its settings' },
      { keys: 'R', does: 'take all its settings with a new seed' },
      { keys: 'C Enter', does: 'compare the chosen image' },
    ],
  },
  {
    title: 'Compare',
    shortcuts: [
      { keys: '1 2 3 4', does: 'side by side, overlay, flicker, difference' },
      { keys: '← →', does: 'previous, next output' },
      { keys: 'Space', does: 'pause flicker' },
    ],
  },
  {
    title: 'Blind reading',
    shortcuts: [
      { keys: 'R ←', does: 'real' },
      { keys: 'S →', does: 'synthetic' },
      { keys: '1 2 3 4', does: 'confidence' },
      { keys: 'Enter', does: 'confirm' },
      { keys: 'Backspace', does: 'change the last answer' },
      { keys: 'P Esc', does: 'pause' },
    ],
  },
];
