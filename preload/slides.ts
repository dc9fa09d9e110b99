/** What is said and asked about whole slides. Plain types, shared by every process. */

export interface SlideSummary {
  id: string;
  path: string;
  name: string;
  format: 'aperio' | 'hamamatsu' | 'ome-tiff' | 'tiff' | 'dicom-wsm';
  width: number;
  height: number;
  levels: { width: number; height: number; downsample: number; tileWidth: number; tileHeight: number }[];
  /** Of level 0; null where the file does not say. */
  micronsPerPixel: { x: number; y: number } | null;
  magnification: number | null;
  compression: string;
  associated: string[];
  iccProfile: boolean;
  synthetic: boolean;
  properties: Record<string, string>;
  warnings: string[];
}

/** A stroke of the brush on the mask, in pixels of level 0. */
export interface MaskStroke {
  add: boolean;
  radius: number;
  points: readonly (readonly [number, number])[];
}

export interface TissueSettings {
  /** Of HSV, 0 to 255; null = by Otsu's method. */
  saturation: number | null;
  /** Standard deviation of brightness from which a pale pixel is tissue too; 0 to 255, 255 = never. */
  texture: number;
  /** Smaller pieces are no tissue, smaller holes are no holes. */
  smallestPieceUm2: number;
  largestHoleUm2: number;
  /** Leaves ink and the dark edge of a scan out. */
  withoutInk: boolean;
  strokes: readonly MaskStroke[];
}

export const defaultTissue: TissueSettings = {
  saturation: null,
  texture: 255,
  smallestPieceUm2: 40_000,
  largestHoleUm2: 40_000,
  withoutInk: true,
  strokes: [],
};

export type StainNormalisation = 'none' | 'macenko' | 'reinhard';
export type TileFormat = 'png' | 'jpeg';

export interface TilingSettings {
  /** Side of a patch in its own pixels: exactly this many. */
  size: number;
  /** µm per pixel of the patches; null = that of level 0. */
  micronsPerPixel: number | null;
  /** Pixels that neighbours share. */
  overlap: number;
  /** Least share of tissue, 0 to 1; 0 takes every patch. */
  tissueFraction: number;
  tissue: TissueSettings;
  /** Variance of the Laplacian below which a patch is left out as blurred; 0 leaves none out. */
  leastFocus: number;
  normalisation: StainNormalisation;
  format: TileFormat;
  /** Polygons in pixels of level 0, outer ring first; empty = the whole slide. */
  regions: readonly (readonly (readonly (readonly [number, number])[])[])[];
}

export const defaultTiling: TilingSettings = {
  size: 224,
  micronsPerPixel: null,
  overlap: 0,
  tissueFraction: 0.5,
  tissue: defaultTissue,
  leastFocus: 0,
  normalisation: 'none',
  format: 'png',
  regions: [],
};

/** What tiling would give, before it is done. */
export interface TilingEstimate {
  patches: number;
  /** Places of the grid that hold too little tissue or lie outside the regions. */
  background: number;
  /** From some patches that were made for it. */
  bytes: number;
  /** Side of a patch and step of the grid, in pixels of level 0. */
  side: number;
  step: number;
}

export interface TilingResult {
  runId: string;
  patches: number;
  skipped: number;
  skippedBecause: { background: number; blur: number };
  /** Made by an earlier run of the same job and kept. */
  kept: number;
  seconds: number;
  peakRssMb: number;
  files: string[];
  slides: { path: string; patches: number; skipped: number; out: string }[];
  failed: { path: string; error: { tag: string; message: string } }[];
}

export interface SlideGenerationResult {
  runId: string;
  slide: SlideSummary;
  file: string;
  provider: string;
  seconds: number;
  peakRssMb: number;
  blocks: number;
  /** Blocks that an earlier, unfinished run of the same job had made. */
  kept: number;
  /** Images of the network in one step of all blocks: as many images of its own size take as long. */
  windows: number;
  warnings: string[];
}

/** The part of an open slide, in pixels of its level 0, that a synthetic one is made from. */
export interface RegionSource {
  slideId: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** A variant of the part, or its fine detail made anew from its low-pass picture. */
  use: 'variant' | 'detail';
  /** Of a variant: 0 keeps the part, 1 leaves nothing of it. */
  strength: number;
}

export interface SlideMask {
  /** Of the overview: white where tissue is, with an alpha channel, as a data address. */
  image: string;
  width: number;
  height: number;
  /** What Otsu's method found or the settings said. */
  saturation: number;
  /** Share of the slide. */
  tissue: number;
  elapsedMs: number;
}

/** Upper left corners of the patches on level 0, as many as can be drawn. */
export interface TilingPlaces {
  corners: [number, number][];
}

export interface SlideAnnotation {
  name: string;
  polygon: readonly (readonly (readonly [number, number])[])[];
}

export interface SlideNotes {
  tissue: TissueSettings;
  annotations: readonly SlideAnnotation[];
}

/** Of tissue pixels at about one µm per pixel. */
export interface SlideStatistics {
  slideId: string;
  name: string;
  synthetic: boolean;
  patches: number;
  meanRgb: [number, number, number];
  deviationRgb: [number, number, number];
  /** Optical densities of the two stains (Macenko), red, green, blue; null where too little tissue. */
  haematoxylin: [number, number, number] | null;
  eosin: [number, number, number] | null;
  focus: number;
}

export interface SlideComparison {
  left: SlideStatistics;
  right: SlideStatistics;
  /** Angle between the stain vectors of both, in degrees. */
  haematoxylinDegrees: number | null;
  eosinDegrees: number | null;
}

/** What can be measured of every patch. */
export type SlideFeature = 'haematoxylin' | 'eosin' | 'brightness' | 'contrast';

/** One number for each patch of a grid over a slide. */
export interface SlideFeatureMap {
  feature: SlideFeature;
  columns: number;
  rows: number;
  /** Of a patch, in pixels of level 0. */
  side: number;
  /** Row by row; null where there is hardly any tissue. */
  values: (number | null)[];
}
