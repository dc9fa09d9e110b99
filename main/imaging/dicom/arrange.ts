import type { Direction9, Vector3 } from '../../../preload/domain.ts';
import { placesOf, sliceOrigins } from '../slice-origins.ts';
import { normalOf } from './frames.ts';
import type { FrameHeader, Orientation6 } from './frames.ts';
import type { DicomHeader } from './header.ts';

/** One frame of one file. */
export interface FrameEntry {
  header: DicomHeader;
  frameIndex: number;
  frame: FrameHeader;
}

export interface Arrangement {
  /** In the order of k: all slices of the first time point along the normal, then those of the next. */
  entries: FrameEntry[];
  slices: number;
  frames: number;
  spacingMm: Vector3;
  originLps: Vector3;
  directionLps: Direction9;
  sliceOriginsLps?: readonly Vector3[];
  warnings: string[];
}

const samePositionMm = 1e-2;
const identity: Orientation6 = [1, 0, 0, 0, 1, 0];

/**
 * Sorts frames of one size and orientation into a volume: by position along the normal (row × column direction, PS3.3
 * C.7.6.2), repeated positions become time points. Never reads file names. Warnings are whole sentences.
 */
export function arrangeFrames(entries: FrameEntry[]): Arrangement {
  const placed = entries.filter(({ frame }) => frame.positionLps !== null && frame.orientation !== null);
  return placed.length === entries.length ? arrangePlaced(entries) : arrangeUnplaced(entries);
}

function arrangePlaced(entries: FrameEntry[]): Arrangement {
  const orientation = entries[0]?.frame.orientation ?? identity;
  const normal = normalOf(orientation);
  const clusters = clusterByPosition(entries, normal);
  const frames = Math.min(...clusters.map(({ members }) => members.length));
  const leftOut = entries.length - frames * clusters.length;
  const positions = clusters.map(({ distance }) => distance);
  const { spacing, warnings } = measureSpacing(positions, entries[0]?.frame.sliceThicknessMm ?? null);
  if (leftOut > 0) {
    warnings.push(
      `${count(leftOut, 'image')} at a position that another image already has ${leftOut === 1 ? 'was' : 'were'} left out.`,
    );
  }
  const first = clusters[0]?.members[0];
  const last = clusters.at(-1)?.members[0];
  if (first !== undefined && last !== undefined) warnings.push(...tiltWarnings(first, last, normal));
  const ordered = Array.from({ length: frames }, (_, time) =>
    clusters.flatMap(({ members }) => members[time] ?? []),
  ).flat();
  const o = orientation;
  const places = clusters.map(({ members }): Vector3 => members[0]?.frame.positionLps ?? [0, 0, 0]);
  return {
    ...placesOf({ sliceOriginsLps: sliceOrigins(places, { normal, spacing, frames }) }),
    entries: ordered,
    slices: clusters.length,
    frames,
    spacingMm: [...inPlane(first), spacing],
    originLps: first?.frame.positionLps ?? [0, 0, 0],
    directionLps: [...o, ...normal],
    warnings,
  };
}

/** Projection images, ultrasound and the like: instance order; frames of one file are time points, files are slices. */
function arrangeUnplaced(entries: FrameEntry[]): Arrangement {
  const ordered = entries.toSorted((a, b) => compareOrder(a.frame.order, b.frame.order));
  const oneFile = new Set(entries.map(({ header }) => header.path)).size === 1;
  const first = ordered[0];
  const warnings: string[] = [];
  if (ordered.length > 1 && !oneFile) {
    warnings.push('The files give no positions; the images are in the order of their instance numbers.');
  }
  if (first?.frame.pixelSpacingMm === null) warnings.push('The file gives no pixel spacing; lengths are in pixels.');
  return {
    entries: ordered,
    slices: oneFile ? 1 : ordered.length,
    frames: oneFile ? ordered.length : 1,
    spacingMm: [...inPlane(first), first?.frame.sliceThicknessMm || 1],
    originLps: [0, 0, 0],
    directionLps: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    warnings,
  };
}

interface Cluster {
  distance: number;
  members: FrameEntry[];
}

function clusterByPosition(entries: FrameEntry[], normal: Vector3): Cluster[] {
  const along = entries.map((entry) => ({ entry, distance: dot(entry.frame.positionLps ?? [0, 0, 0], normal) }));
  along.sort((a, b) => a.distance - b.distance);
  const clusters: Cluster[] = [];
  for (const { entry, distance } of along) {
    const current = clusters.at(-1);
    if (current !== undefined && distance - current.distance < samePositionMm) current.members.push(entry);
    else clusters.push({ distance, members: [entry] });
  }
  for (const { members } of clusters) members.sort((a, b) => compareOrder(a.frame.order, b.frame.order));
  return clusters;
}

function measureSpacing(positions: number[], thickness: number | null): { spacing: number; warnings: string[] } {
  const steps = positions.slice(1).map((position, i) => position - (positions[i] ?? 0));
  if (steps.length === 0) return { spacing: thickness !== null && thickness > 0 ? thickness : 1, warnings: [] };
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  const median = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? mean;
  const tolerance = Math.max(0.02 * median, samePositionMm);
  const uneven = steps.filter((step) => Math.abs(step - median) > tolerance);
  if (uneven.length === 0) return { spacing: mean, warnings: [] };
  const missing = uneven.reduce((sum, step) => sum + missingIn(step, median), 0);
  const range = `${Math.min(...steps).toFixed(2)} to ${Math.max(...steps).toFixed(2)} mm`;
  const warnings = [`Slice spacing is uneven (${range}); ${median.toFixed(2)} mm is used.`];
  if (missing > 0) warnings.push(`${count(missing, 'slice')} ${missing === 1 ? 'seems' : 'seem'} to be missing.`);
  return { spacing: median, warnings };
}

/** How many slices a gap hides when it is a whole multiple of the usual step. */
function missingIn(step: number, usual: number): number {
  const multiple = Math.round(step / usual);
  return multiple >= 2 && Math.abs(step - multiple * usual) < 0.1 * usual ? multiple - 1 : 0;
}

function tiltWarnings(first: FrameEntry, last: FrameEntry, normal: Vector3): string[] {
  const a = first.frame.positionLps;
  const b = last.frame.positionLps;
  if (a === null || b === null || first === last) return [];
  const step: Vector3 = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const length = Math.hypot(...step);
  const degrees = (Math.acos(Math.min(1, Math.abs(dot(step, normal)) / length)) * 180) / Math.PI;
  if (degrees < 0.5) return [];
  return [
    `The slices are sheared by ${degrees.toFixed(1)}° (gantry tilt); reformatted planes are shown without correction.`,
  ];
}

function inPlane(entry: FrameEntry | undefined): [number, number] {
  const [across, down] = entry?.frame.pixelSpacingMm ?? [1, 1];
  return [across, down];
}

function compareOrder(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, i) => value !== b[i]);
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}

function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
