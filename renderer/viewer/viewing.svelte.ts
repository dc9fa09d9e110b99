import type { SeriesSummary, Vector3, VoiWindow, VolumeDescription } from '../../preload/domain.ts';
import { noSlab, type Slab } from './slab.ts';
import { firstWindow, presetsOf, type WindowPreset } from './window-presets.ts';
import { patientPosition, type Plane, planesOf, type PlaneName } from './planes.ts';

export interface Probe {
  /** Whole voxel, column, row, slice, counted from 0. */
  index: Vector3;
  worldLps: Vector3;
  /** One value, or three for RGB. */
  values: number[];
}

export type ViewingStatus =
  | { kind: 'empty' }
  | { kind: 'loading' }
  | { kind: 'ready' }
  | { kind: 'failed'; error: { tag: string; message: string } };

/** What a cell shows: three linked planes, the slices as acquired, or one plane. */
export type Arrangement = 'planes' | 'acquired' | PlaneName;

/** A second series laid over this one by position, above its window's lower end. */
export interface Fusion {
  series: SeriesSummary;
  opacity: number;
  colourMap: string;
}

/** How an image is turned on the screen: clockwise, then mirrored. */
export interface Turn {
  quarterTurns: 0 | 1 | 2 | 3;
  mirrored: boolean;
  upsideDown: boolean;
}

/** How large and where the image is shown, so that another view can show its own alike. */
export interface ZoomView {
  millimetresPerPixel: number;
  panMm: readonly [number, number];
  /** Nobody zoomed or panned. */
  whole: boolean;
}

const upright: Turn = { quarterTurns: 0, mirrored: false, upsideDown: false };
const fewestSlicesForPlanes = 4;

/** What the viewer shows and how; numbers only, the pixels stay with the viewer. */
export class ViewingState {
  status = $state.raw<ViewingStatus>({ kind: 'empty' });
  /** The series that was asked for; the viewer reads it. */
  wanted = $state.raw<SeriesSummary | null>(null);
  arrangement = $state.raw<Arrangement>('planes');
  slab = $state.raw<Slab>(noSlab);
  colourMap = $state('grey');
  turn = $state.raw<Turn>(upright);
  fusion = $state.raw<Fusion | null>(null);
  /** Where the reader said "same anatomy here". */
  anchor = $state.raw<Vector3 | null>(null);
  /** How the active plane is zoomed now, and how a linked view asks this one to be. */
  zoomView = $state.raw<ZoomView | null>(null);
  followedView = $state.raw<ZoomView | null>(null);
  /** The series in view, which is still the one before while another is read. */
  series = $state.raw<SeriesSummary | null>(null);
  description = $state.raw<VolumeDescription | null>(null);
  /** The voxel where the planes meet. */
  position = $state.raw<Vector3>([0, 0, 0]);
  window = $state.raw<VoiWindow>({ centre: 0.5, width: 1 });
  inverted = $state(false);
  /** The plane that keys act on. */
  activePlane = $state<PlaneName | null>(null);
  maximised = $state<PlaneName | null>(null);
  crosshairShown = $state(true);
  /** Under the pointer; null when it is elsewhere. */
  pointerProbe = $state.raw<Probe | null>(null);
  /** Where the planes meet. */
  crosshairProbe = $state.raw<Probe | null>(null);
  /** Time points or cine frames, which stand behind each other along the third axis. */
  frames = $state(1);
  /** The file says how the image lies in the patient; without that there are no letters and no positions. */
  oriented = $state(true);
  /** Counts requests for a window made from the slice in view. */
  autoWindows = $state(0);
  /** Counts resets, which every plane answers by showing the whole image. */
  resets = $state(0);

  readonly presets: WindowPreset[] = $derived(this.description === null ? [] : presetsOf(this.description));
  readonly planes: Plane[] = $derived(this.description === null ? [] : planesOf(this.description));
  /** The plane of the slices as they were acquired or stored. */
  readonly acquired: Plane | null = $derived(this.planes.find(({ axis }) => axis === 2) ?? null);
  /** Three linked planes need a volume: several slices, one time point, single values. */
  readonly linked: boolean = $derived(
    this.description !== null &&
      this.description.samplesPerVoxel === 1 &&
      this.description.dimensions.every((size) => size >= fewestSlicesForPlanes) &&
      this.frames === 1,
  );
  readonly shownPlanes: Plane[] = $derived.by(() => {
    const { acquired } = this;
    if (acquired === null) return [];
    const { arrangement } = this;
    if (!this.linked || arrangement === 'acquired') return [acquired];
    if (arrangement !== 'planes') return this.planes.filter(({ name }) => name === arrangement);
    return [acquired, ...this.planes.filter((plane) => plane !== acquired)];
  });
  readonly active: Plane | null = $derived(
    this.shownPlanes.find(({ name }) => name === (this.maximised ?? this.activePlane)) ?? this.shownPlanes[0] ?? null,
  );
  /** Files without geometry come with a spacing of 1, which is no length. */
  readonly hasSpacing: boolean = $derived(
    this.oriented || (this.series !== null && (this.series.spacingMm[0] !== 1 || this.series.spacingMm[1] !== 1)),
  );
  /** What the reader must know before trusting distances and planes. */
  readonly warnings: string[] = $derived(
    [...(this.series?.warnings ?? []), ...(this.description?.warnings ?? [])].filter(
      (warning, at, all) => all.indexOf(warning) === at,
    ),
  );
  readonly worldLps: Vector3 = $derived(
    this.description === null ? [0, 0, 0] : patientPosition(this.description, this.position),
  );

  /** Shows a volume from its middle, with its own window. */
  show(description: VolumeDescription, series: SeriesSummary): void {
    const [columns, rows, slices] = description.dimensions;
    this.series = series;
    this.frames = series.frames;
    this.oriented = series.format === 'nifti' || description.frameOfReferenceUid !== '';
    this.description = description;
    this.position = [Math.floor(columns / 2), Math.floor(rows / 2), Math.floor(slices / 2)];
    this.window = firstWindow(description);
    this.inverted = description.inverted;
    this.maximised = null;
    this.activePlane = null;
    this.pointerProbe = null;
    this.crosshairProbe = null;
    this.anchor = null;
    this.zoomView = null;
    this.followedView = null;
    this.turn = upright;
    this.fusion = null;
    if (!this.linked) this.slab = noSlab;
  }

  /** After a series that could not be shown, so that no other one stands in its place. */
  clear(): void {
    this.description = null;
    this.series = null;
    this.pointerProbe = null;
    this.crosshairProbe = null;
  }

  /** Moves to a voxel; positions outside the volume become the nearest inside. */
  moveTo(index: Vector3): void {
    const { description } = this;
    if (description === null) return;
    const inside = (value: number, axis: 0 | 1 | 2) =>
      Math.min(description.dimensions[axis] - 1, Math.max(0, Math.round(value)));
    const position: Vector3 = [inside(index[0], 0), inside(index[1], 1), inside(index[2], 2)];
    if (position.some((value, axis) => value !== this.position[axis])) this.position = position;
  }

  showSlice(plane: Plane, sliceIndex: number): void {
    const [i, j, k] = this.position;
    this.moveTo([
      plane.axis === 0 ? sliceIndex : i,
      plane.axis === 1 ? sliceIndex : j,
      plane.axis === 2 ? sliceIndex : k,
    ]);
  }

  scroll(plane: Plane, by: number): void {
    this.showSlice(plane, this.position[plane.axis] + by);
  }

  /** One slice on, from the last to the first. */
  playOn(plane: Plane): void {
    this.showSlice(plane, (this.position[plane.axis] + 1) % plane.sliceCount);
  }

  rotate(quarters: number): void {
    const quarterTurns = ((this.turn.quarterTurns + quarters + 4) % 4) as Turn['quarterTurns'];
    this.turn = { ...this.turn, quarterTurns };
  }

  flip(direction: 'mirrored' | 'upsideDown'): void {
    this.turn = { ...this.turn, [direction]: !this.turn[direction] };
  }

  /** Width never below a two-thousandth of the range of values, so that a drag can always lead back. */
  changeWindow(centre: number, width: number): void {
    const { description } = this;
    if (description === null) return;
    const narrowest = Math.max((description.range.max - description.range.min) / 2000, Number.EPSILON);
    this.window = { centre, width: Math.max(width, narrowest) };
  }

  choosePreset(key: string): boolean {
    const preset = this.presets.find((candidate) => candidate.key === key);
    if (preset !== undefined) this.window = { centre: preset.centre, width: preset.width, label: preset.label };
    return preset !== undefined;
  }

  reset(): void {
    const { description } = this;
    if (description === null) return;
    this.window = firstWindow(description);
    this.inverted = description.inverted;
    this.turn = upright;
    this.colourMap = 'grey';
    this.fit();
  }

  /** The voxels stay with the viewer, which answers. */
  requestAutoWindow(): void {
    this.autoWindows += 1;
  }

  /** The whole image in every plane. */
  fit(): void {
    this.followedView = null;
    this.resets += 1;
  }

  maximise(plane: PlaneName): void {
    this.maximised = this.maximised === null && this.shownPlanes.length > 1 ? plane : null;
  }
}
