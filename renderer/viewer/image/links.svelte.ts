/** Zoom and pan shared by panes of one group. Pan is in fractions of the image, so that sizes may differ. */
export class ImageLink {
  zoom = $state(1);
  panX = $state(0);
  panY = $state(0);
  /** How far window/level was dragged: width is multiplied, centre moved by this share of the first width. */
  widthFactor = $state(1);
  centreShift = $state(0);
  /** The pointer in fractions of the image, for the cursor that all panes of the group show. */
  pointer = $state.raw<{ x: number; y: number } | null>(null);

  reset(): void {
    this.zoom = 1;
    this.panX = 0;
    this.panY = 0;
    this.widthFactor = 1;
    this.centreShift = 0;
  }
}

const groups: Record<string, { link: ImageLink; users: number }> = {};

/** The link of a named group, shared while any pane uses it; without a name, one of its own. */
export function joinLink(group: string | undefined): { link: ImageLink; leave: () => void } {
  if (group === undefined) return { link: new ImageLink(), leave: () => {} };
  const entry = groups[group] ?? { link: new ImageLink(), users: 0 };
  entry.users += 1;
  groups[group] = entry;
  return {
    link: entry.link,
    leave: () => {
      entry.users -= 1;
      if (entry.users === 0) delete groups[group];
    },
  };
}
