import type { SeriesSummary, Vector3, VoiWindow, VolumeDescription } from '../../preload/domain.ts';
import { firstWindow, presetsOf, type WindowPreset } from './window-presets.ts';
import { indexToWorld, type Plane, planesOf, type PlaneName } from './planes.ts';

export type ViewerTool = 'window' | 'pan' | 'zoom' | 'scroll' | 'crosshair';

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

const fewestSlicesForPlanes = 4;

/** What the viewer shows and how; numbers only, the pixels stay with the viewer. */
export class ViewingState {
  status = $state.raw<ViewingStatus>({ kind: 'empty' });
  /** The series in view, which is still the one before while another is read. */
  series = $state.raw<SeriesSummary | null>(null);
  description = $state.raw<VolumeDescription | null>(null);
  /** The voxel where the planes meet. */
  position = $state.raw<Vector3>([0, 0, 0]);
  window = $state.raw<VoiWindow>({ centre: 0.5, width: 1 });
  inverted = $state(false);
  tool = $state<ViewerTool>('window');
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
    if (!this.linked) return [acquired];
    return [acquired, ...this.planes.filter((plane) => plane !== acquired)];
  });
  readonly active: Plane | null = $derived(
    this.shownPlanes.find(({ name }) => name === (this.maximised ?? this.activePlane)) ?? this.acquired,
  );
  readonly worldLps: Vector3 = $derived(
    this.description === null ? [0, 0, 0] : indexToWorld(this.description, this.position),
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
    this.resets += 1;
  }

  maximise(plane: PlaneName): void {
    this.maximised = this.maximised === null && this.linked ? plane : null;
  }
}
