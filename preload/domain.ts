/**
 * Plain types shared by every process, and the names that go with them. No behaviour, no imports from elsewhere in the project.
 * Frames: world coordinates are DICOM patient coordinates (LPS: x to the left, y to the posterior,
 * z to the head), in millimetres. Units stand in the names.
 */
import type { GenerationRequest, ProviderName } from './generation-request.ts';
import type { SamplerName } from './samplers.ts';
import type { SlideSummary } from './slides.ts';
import type { VoiWindow } from './windows.ts';

export type Vector3 = readonly [number, number, number];
/** Row-major 3×3: the first three numbers are the world direction of the column index i, then j, then k. */
export type Direction9 = readonly [number, number, number, number, number, number, number, number, number];

export type ScalarType = 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32';
export type ScalarArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array;

export type SourceFormat = 'dicom' | 'nifti' | 'nrrd' | 'metaimage';
/** DICOM modality code (CT, MR, CR, DX, …); OT where the file does not say. */
export type Modality = string;

export type { VoiWindow };

/**
 * Everything about a volume but its voxels. `dimensions` = [columns, rows, slices × frames]; voxels lie
 * column fastest, in rescaled values. `samplesPerVoxel` is 3 for RGB, interleaved uint8.
 */
export interface VolumeDescription {
  id: string;
  dimensions: Vector3;
  spacingMm: Vector3;
  originLps: Vector3;
  directionLps: Direction9;
  /** The first voxel of each slice of one time point, where origin, spacing and direction do not say it: tilted or uneven slices, time points. */
  sliceOriginsLps?: readonly Vector3[];
  scalarType: ScalarType;
  samplesPerVoxel: 1 | 3;
  /** Smallest and largest rescaled value; 1st and 99th percentile for a first window. */
  range: { min: number; max: number; p1: number; p99: number };
  windows: VoiWindow[];
  modality: Modality;
  /** Unit of a voxel value: HU, SUVbw, or empty when the file gives none. */
  unit: string;
  /** MONOCHROME1 data are shown inverted; values stay as stored. */
  inverted: boolean;
  frameOfReferenceUid: string;
  synthetic: boolean;
  /** Plain sentences for the person: uneven spacing, missing slices, gantry tilt, sform and qform disagree. */
  warnings: string[];
}

/** A volume in memory. */
export interface Volume extends VolumeDescription {
  voxels: ScalarArray;
}

export interface SeriesSummary {
  id: string;
  format: SourceFormat;
  modality: Modality;
  description: string;
  patientName: string;
  patientId: string;
  studyId: string;
  studyDescription: string;
  /** YYYYMMDD or empty. */
  studyDate: string;
  seriesNumber: number | null;
  columns: number;
  rows: number;
  slices: number;
  /** Time points, echoes or cine frames beyond the slices; 1 for a plain volume. */
  frames: number;
  spacingMm: Vector3;
  originLps: Vector3;
  directionLps: Direction9;
  /** As of the volume. */
  sliceOriginsLps?: readonly Vector3[];
  unit: string;
  /** Transfer syntax UID, or NIFTI-1, NIFTI-2, ANALYZE-7.5, NRRD-5, METAIMAGE. */
  transferSyntax: string;
  synthetic: boolean;
  fileCount: number;
  warnings: string[];
}

export type SkippedFile = { path: string; error: { tag: string; message: string } };

export interface OpenResult {
  series: SeriesSummary[];
  slides: SlideSummary[];
  skipped: SkippedFile[];
}

export interface TagElement {
  /** (gggg,eeee) for DICOM, the header field for NIfTI. */
  tag: string;
  keyword: string;
  vr: string;
  value: string;
  /** Nesting: 0 at the top, +1 inside each sequence item. */
  depth: number;
}

export type DiffusionFamily = 'ddpm' | 'ldm' | 'wdm' | 'lwdm';
export type { GenerationRequest, ProviderName };
export type TimestepSpacing = 'leading' | 'linspace' | 'trailing';
export type ExportFormat = 'dicom' | 'nifti' | 'png';

export interface ModelSummary {
  id: string;
  version: string;
  name: string;
  licence: string;
  family: DiffusionFamily;
  modality: Modality;
  anatomy: string;
  image: { width: number; height: number; channels: number };
  parameters: number;
  gflopsPerStep: number | null;
  classes: { id: string; name: string }[];
  defaults: { sampler: SamplerName; steps: number; spacing: TimestepSpacing; guidance: number };
  data: { name: string; licence: string; images: number; split: string };
  training: { optimiserSteps: number; imagesSeen: number; hours: number; hardware: string };
  quality: { metric: string; value: number; low: number; high: number; n: number; extractor: string }[];
  intendedUse: string;
  limits: string[];
}

// prettier-ignore
export const runKinds =
  ['generation', 'comparison', 'review', 'export', 'benchmark', 'evaluation', 'explanation', 'map', 'originality', 'probe', 'usefulness',
    'tiling', 'slide'] as const;
export type RunKind = (typeof runKinds)[number];
export type RunState = 'queued' | 'running' | 'cancelling' | 'done' | 'failed' | 'cancelled';

export interface RunProgress {
  done: number;
  total: number;
  /** Null until it can be estimated. */
  secondsLeft: number | null;
  /** Neutral words: "Loading the model", "Image 3 of 8, step 12 of 20". */
  phase: string;
}

export interface RunRow {
  id: string;
  kind: RunKind;
  state: RunState;
  title: string;
  /** ISO 8601 UTC. */
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  modelId: string | null;
  seed: number | null;
  provider: ProviderName | null;
  progress: RunProgress;
  error: { tag: string; message: string } | null;
  outputCount: number;
  parentRunId: string | null;
  starred: boolean;
  tags: string[];
  note: string;
}

// prettier-ignore
export const runSortColumns =
  ['created', 'kind', 'state', 'title', 'model', 'seed', 'provider', 'outputs', 'seconds', 'starred'] as const;

export interface RunSort {
  by: (typeof runSortColumns)[number];
  descending: boolean;
}

export interface RunOutput {
  index: number;
  /** Absolute path; sent to the CLI, never used by the renderer to read. */
  path: string;
  sha256: string;
  seed: number | null;
  format: ExportFormat | 'html';
}

export interface RunTimings {
  load: number;
  encode: number;
  denoise: number;
  decode: number;
  write: number;
  total: number;
}

export interface RunDetail extends RunRow {
  parameters: Record<string, unknown>;
  /** Hashes of what went in: model files, source series. */
  inputs: { name: string; sha256: string; path: string }[];
  outputs: RunOutput[];
  versions: Record<string, string>;
  /** Seconds. */
  timings: Partial<RunTimings>;
  peakRssMb: number | null;
  warnings: string[];
  result: unknown;
}

/** One image anywhere in the application. `plane` is always the acquired one: k counts slices of the series. */
export type ImageReference =
  | { kind: 'slice'; seriesId: string; sliceIndex: number }
  /** What the model was given for image-to-image output `index` of the run: the source slice on the model's grid. */
  | { kind: 'runInput'; runId: string; index: number }
  | { kind: 'output'; runId: string; index: number };

/** A single-channel float32 image, rows top down; pixels at app://verisim/images/<id>. */
export interface ImageDescription {
  id: string;
  width: number;
  height: number;
  spacingMm: readonly [number, number];
  range: { min: number; max: number; p1: number; p99: number };
  window: VoiWindow;
  synthetic: boolean;
  title: string;
}

export interface ComparisonResult {
  runId: string;
  left: ImageDescription;
  right: ImageDescription;
  /** right − left after both are mapped to 0…1 by their own windows, on the left grid. */
  difference: ImageDescription;
  metrics: { psnrDb: number; ssim: number; meanAbsoluteError: number } | null;
  /** Why metrics are null, for the person. */
  metricsNote: string;
  histogram: { edges: number[]; left: number[]; right: number[] };
}

export interface NearestImage {
  reference: ImageReference;
  title: string;
  /** Root-mean-square difference of images in 0…1 on the model's grid; 0 = identical. */
  distance: number;
  correlation: number;
}

export type ImageSet = { kind: 'series'; seriesId: string } | { kind: 'run'; runId: string };

export interface Interval {
  value: number;
  low: number;
  high: number;
  n: number;
  method: string;
}

export interface ApplicationInfo {
  version: string;
  dataFolder: string;
  databasePath: string;
  nodeVersion: string;
  electronVersion: string | null;
  engineHost: 'utility-process' | 'node' | 'in-process';
  providers: ProviderName[];
}
