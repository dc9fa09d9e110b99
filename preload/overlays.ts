import type { VolumeDescription } from './domain.ts';

/** Red, green, blue, 0…255. */
export type Colour = readonly [number, number, number];

/** A value of a label volume; 0 is always nothing. */
export interface OverlayLabel {
  value: number;
  name: string;
  colour: Colour;
}

/** One outline in the patient. `closed` joins the last point to the first; `points` are not joined. */
export interface OverlayContour {
  shape: 'closed' | 'open' | 'points';
  /** x, y, z of one point after another, LPS in mm. */
  pointsLps: number[];
}

interface OverlayCommon {
  id: string;
  title: string;
  /** Plain sentences for the person. */
  warnings: string[];
}

/**
 * What lies over a series. `labels` and `fraction` come as a volume of their own at app://verisim/volumes/<volume.id>, on the
 * grid of the slices of the series (its first time point): `labels` holds label values, `fraction` one label as 0…`maximum`.
 */
export type Overlay =
  | (OverlayCommon & {
      kind: 'labels';
      source: 'segmentation' | 'planes';
      volume: VolumeDescription;
      labels: OverlayLabel[];
    })
  | (OverlayCommon & { kind: 'fraction'; volume: VolumeDescription; label: OverlayLabel; maximum: number })
  | (OverlayCommon & {
      kind: 'outlines';
      structures: { number: number; name: string; colour: Colour; contours: OverlayContour[] }[];
    });
