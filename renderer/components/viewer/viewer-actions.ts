import { colourMaps } from '../../viewer/colour-maps.ts';
import { type DeskState, layouts } from '../../viewer/desk.svelte.ts';
import { newAnnotation } from '../../viewer/new-annotation.ts';
import { patientPosition, type Plane } from '../../viewer/planes.ts';
import type { SlabMode } from '../../viewer/slab.ts';
import type { ViewerTool } from '../../viewer/tools.ts';
import type { Arrangement } from '../../viewer/viewing.svelte.ts';

const page = 10;
const slabModes: readonly SlabMode[] = ['off', 'maximum', 'minimum', 'mean'];
const arrangements: readonly Arrangement[] = ['acquired', 'Axial', 'Coronal', 'Sagittal'];

/** Does what an action of the viewer stands for; false where it cannot be done now. */
export function runViewerAction(desk: DeskState, action: string): boolean {
  const anywhere = deskActions(desk)[action];
  if (anywhere !== undefined) anywhere();
  const plane = desk.active.active;
  if (anywhere !== undefined || plane === null || desk.active.status.kind !== 'ready') return anywhere !== undefined;
  if (action.startsWith('tool.')) desk.tool = action.slice('tool.'.length) as ViewerTool;
  else if (action.startsWith('preset.')) return desk.active.choosePreset(action.slice('preset.'.length));
  else {
    const run = planeActions(desk, plane)[action];
    run?.();
    return run !== undefined;
  }
  return true;
}

/** Marks the slice in view as a key image, or takes the mark away. */
export function toggleKeyImage(desk: DeskState): void {
  const { description, position, active } = desk.active;
  if (description === null || active === null) return;
  const middle = description.dimensions.map((size, axis) => (axis === active.axis ? position[axis]! : (size - 1) / 2));
  const world = patientPosition(description, middle as [number, number, number]);
  desk.annotations.toggleKeyImage(newAnnotation('keyImage', { volume: description, plane: active, position, world }));
}

export function nextOf<Value>(list: readonly Value[], current: Value): Value {
  return list[(list.indexOf(current) + 1) % list.length]!;
}

function deskActions(desk: DeskState): Record<string, () => void> {
  return {
    cine: () => (desk.playing = !desk.playing),
    'cine.faster': () => (desk.framesPerSecond = Math.min(60, desk.framesPerSecond + 2)),
    'cine.slower': () => (desk.framesPerSecond = Math.max(1, desk.framesPerSecond - 2)),
    undo: () => desk.annotations.undo(),
    redo: () => desk.annotations.redo(),
    'annotation.show': () => (desk.annotationsShown = !desk.annotationsShown),
    layout: () => desk.choose(nextOf(layouts, desk.layout)),
    'view.next': () => (desk.activeAt = (desk.activeAt + 1) % desk.shown.length),
    link: () => {
      const scroll = !desk.links.scroll;
      desk.links = { scroll, zoom: scroll, window: scroll };
    },
    anatomy: () => desk.matchAnatomy(),
  };
}

function planeActions(desk: DeskState, plane: Plane): Record<string, () => void> {
  const viewing = desk.active;
  const { slab } = viewing;
  const thickness = (by: number) => {
    viewing.slab = { ...slab, thicknessMm: Math.min(200, Math.max(1, slab.thicknessMm + by)) };
  };
  return {
    'slice.back': () => viewing.scroll(plane, -1),
    'slice.on': () => viewing.scroll(plane, 1),
    'slice.tenBack': () => viewing.scroll(plane, -page),
    'slice.tenOn': () => viewing.scroll(plane, page),
    'slice.first': () => viewing.showSlice(plane, 0),
    'slice.last': () => viewing.showSlice(plane, plane.sliceCount - 1),
    'annotation.remove': () => {
      const { annotations } = desk;
      const chosen = annotations.of(viewing.description?.id ?? '').find(({ id }) => id === annotations.selectedId);
      if (chosen !== undefined) annotations.remove(chosen);
    },
    keyImage: () => toggleKeyImage(desk),
    'window.auto': () => viewing.requestAutoWindow(),
    invert: () => (viewing.inverted = !viewing.inverted),
    colourMap: () => {
      const ids = colourMaps.map(({ id }) => id);
      viewing.colourMap = nextOf(ids, viewing.colourMap);
    },
    slab: () => {
      if (viewing.linked) viewing.slab = { ...slab, mode: nextOf(slabModes, slab.mode) };
    },
    'slab.thicker': () => thickness(5),
    'slab.thinner': () => thickness(-5),
    'rotate.right': () => viewing.rotate(1),
    'rotate.left': () => viewing.rotate(-1),
    'flip.across': () => viewing.flip('mirrored'),
    'flip.upsideDown': () => viewing.flip('upsideDown'),
    fit: () => viewing.fit(),
    reset: () => viewing.reset(),
    maximise: () => viewing.maximise(plane.name),
    plane: () => {
      if (desk.layout !== 'planes') viewing.arrangement = nextOf(arrangements, viewing.arrangement);
      else viewing.activePlane = nextOf(viewing.shownPlanes, plane).name;
    },
    crosshair: () => (viewing.crosshairShown = !viewing.crosshairShown),
  };
}
