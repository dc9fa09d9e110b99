/** What a reader draws and marks on a series. Plain types, shared by every process. */
import type { Vector3 } from './domain.ts';

export const annotationKinds = [
  'length',
  'angle',
  'ellipse',
  'rectangle',
  'probe',
  'text',
  /** A slice that was marked; its one point is the middle of the slice. */
  'keyImage',
] as const;
export type AnnotationKind = (typeof annotationKinds)[number];

/**
 * Computed from the voxels of the slice when the annotation was drawn or moved. Lengths are in mm, or in `px` where the
 * file gives no spacing; values are rescaled ones, in `unit`. The standard deviation is that of the population.
 */
export interface Measured {
  lengthUnit: 'mm' | 'px';
  unit: string;
  length?: number | undefined;
  angleDegrees?: number | undefined;
  area?: number | undefined;
  voxels?: number | undefined;
  mean?: number | undefined;
  standardDeviation?: number | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  value?: number | undefined;
}

/**
 * Points are world positions (LPS, mm) on one slice. A length has two, an angle three (its corner in the middle), an
 * ellipse and a rectangle two opposite corners of the box around them, whose sides run along `rightLps` and `downLps`.
 */
export interface Annotation {
  id: string;
  seriesId: string;
  kind: AnnotationKind;
  label: string;
  pointsLps: Vector3[];
  rightLps: Vector3;
  downLps: Vector3;
  /** Acquired slice the first point lies on, counted from 0, for lists and reports. */
  sliceIndex: number;
  measured: Measured | null;
  /** ISO 8601 UTC. */
  createdAt: string;
}
