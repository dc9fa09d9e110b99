import type { SeriesSummary, VoiWindow, VolumeDescription } from '../../preload/domain.ts';
import type { Client } from '../client.ts';
import { AnnotationsState } from './annotations.svelte.ts';
import { type LinkedSeries, linkedPosition, linkKind, type LinkKind, sharesWindow } from './links.ts';
import type { ViewerTool } from './tools.ts';
import { ViewingState } from './viewing.svelte.ts';

/** Rows × columns of views, each with a series of its own; `planes` is one series in three linked planes. */
export const layouts = ['planes', '1×1', '1×2', '2×1', '1×3', '3×1', '2×2', '2×3', '3×2', '3×3'] as const;
export type LayoutName = (typeof layouts)[number];

export interface Links {
  scroll: boolean;
  zoom: boolean;
  window: boolean;
}

/** The reading desk: which series stand beside each other, what links them, and what the left button does. */
export class DeskState {
  layout = $state<LayoutName>('planes');
  cells = $state.raw<ViewingState[]>([new ViewingState()]);
  activeAt = $state(0);
  tool = $state<ViewerTool>('window');
  links = $state.raw<Links>({ scroll: true, zoom: true, window: true });
  referenceLines = $state(true);
  annotationsShown = $state(true);
  /** Nothing but the images. */
  reading = $state(false);
  playing = $state(false);
  framesPerSecond = $state(12);
  readonly annotations: AnnotationsState;
  readonly grid: { rows: number; columns: number } = $derived(gridOf(this.layout));
  readonly shown: ViewingState[] = $derived(this.cells.slice(0, this.grid.rows * this.grid.columns));
  readonly active: ViewingState = $derived(this.shown[this.activeAt] ?? this.shown[0] ?? this.cells[0]!);

  constructor(client: Client) {
    this.annotations = new AnnotationsState(client);
  }

  /** The series goes into the active view. */
  show(series: SeriesSummary): void {
    this.active.wanted = series;
  }

  activate(cell: ViewingState): void {
    const at = this.shown.indexOf(cell);
    if (at >= 0) this.activeAt = at;
  }

  /** Views keep their series; those that no longer fit are kept for a larger layout. */
  choose(layout: LayoutName): void {
    const { rows, columns } = gridOf(layout);
    const { active } = this;
    const others = this.cells.filter((cell) => cell !== active);
    const count = rows * columns;
    const stays = this.activeAt < count;
    const cells = stays ? [...this.cells] : [active, ...others];
    while (cells.length < count) cells.push(new ViewingState());
    this.cells = cells;
    this.activeAt = stays ? this.activeAt : 0;
    this.layout = layout;
    for (const cell of this.shown) {
      cell.maximised = null;
      if (layout === 'planes') cell.arrangement = 'planes';
      else if (cell.arrangement === 'planes') cell.arrangement = 'acquired';
    }
  }

  /** How another view follows the active one. */
  linkOf(cell: ViewingState): LinkKind | null {
    const [leader, follower] = [linked(this.active), linked(cell)];
    if (cell === this.active || !this.links.scroll || leader === null || follower === null) return null;
    return linkKind(leader, follower);
  }

  /** The reader found the same anatomy in every view by hand: from here on they move alike. */
  matchAnatomy(): void {
    for (const cell of this.shown) if (cell.description !== null) cell.anchor = cell.position;
    this.links = { ...this.links, scroll: true };
  }

  forgetAnatomy(): void {
    for (const cell of this.shown) cell.anchor = null;
  }

  followPosition(): void {
    const leader = linked(this.active);
    if (!this.links.scroll || leader === null) return;
    for (const cell of this.#others()) {
      const follower = linked(cell);
      if (follower !== null) cell.moveTo(linkedPosition(leader, follower));
    }
  }

  followWindow(): void {
    const { description, window, inverted } = this.active;
    if (!this.links.window || description === null) return;
    for (const cell of this.#others()) {
      if (cell.description === null || !sharesWindow(description, cell.description)) continue;
      cell.window = likeWindow(description, window, cell.description);
      cell.inverted = inverted;
    }
  }

  followZoom(): void {
    const { zoomView } = this.active;
    if (!this.links.zoom || zoomView === null) return;
    for (const cell of this.#others()) {
      if (!zoomView.whole) cell.followedView = zoomView;
      else if (cell.followedView !== null) cell.fit();
    }
  }

  #others(): ViewingState[] {
    return this.shown.filter((cell) => cell !== this.active && cell.status.kind === 'ready');
  }
}

function gridOf(layout: LayoutName): { rows: number; columns: number } {
  if (layout === 'planes') return { rows: 1, columns: 1 };
  const [rows = 1, columns = 1] = layout.split('×').map(Number);
  return { rows, columns };
}

function linked(cell: ViewingState): LinkedSeries | null {
  const { description, oriented, position, anchor, active } = cell;
  if (description === null || active === null) return null;
  return { volume: description, oriented, position, anchor, axis: active.axis };
}

/** The same window where values have a unit; else the same place between the percentiles of each series. */
function likeWindow(from: VolumeDescription, window: VoiWindow, to: VolumeDescription): VoiWindow {
  if (from.unit !== '' || from.id === to.id) return window;
  const [span, other] = [from.range.p99 - from.range.p1 || 1, to.range.p99 - to.range.p1 || 1];
  return {
    centre: to.range.p1 + ((window.centre - from.range.p1) / span) * other,
    width: (window.width / span) * other,
  };
}
