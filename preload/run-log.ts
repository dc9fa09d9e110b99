import type { RunRow } from './domain.ts';

/** A measured value with its interval, where it has one. */
export interface ComparedMetric {
  value: number;
  low: number | null;
  high: number | null;
  n: number | null;
}

/** Several runs beside each other; every list of values is in the order of `runs`, null where a run has none. */
export interface RunsComparison {
  runs: RunRow[];
  /** Parameters and versions that are not the same in all runs. */
  differing: { group: 'parameters' | 'versions' | 'inputs'; name: string; values: (string | null)[] }[];
  /** How many are the same in all. */
  equal: number;
  metrics: { name: string; values: (ComparedMetric | null)[] }[];
  /** Positions of images that every generation among the runs has; they show the same seed offset. */
  imageIndices: number[];
}

export type LineageKind =
  | 'series'
  | 'slice'
  | 'mask'
  | 'model'
  | 'run'
  | 'image'
  | 'comparison'
  | 'explanation'
  | 'evaluation'
  | 'originality'
  | 'export'
  | 'review'
  | 'reading'
  | 'answer'
  | 'other';

export interface LineageNode {
  id: string;
  kind: LineageKind;
  title: string;
  /** One short line: a hash, a seed, what a reader said. */
  detail: string;
  /** The run to open, where the node is one or belongs to one. */
  runId: string | null;
  /** Of an output: its number in the run. */
  imageIndex: number | null;
  /** Its file or series is gone. */
  missing: boolean;
  /** The image or run that was asked for. */
  asked: boolean;
}

/** From the source slice to the reader's answer; edges go with the time. */
export interface Lineage {
  nodes: LineageNode[];
  edges: { from: string; to: string }[];
  /** What is left out and why, for the person. */
  notes: string[];
}

export const logExportFormats = ['csv', 'json', 'jsonl', 'mlflow'] as const;
export type LogExportFormat = (typeof logExportFormats)[number];

export interface ProjectReceipt {
  folder: string;
  /** Written, or added to the log. */
  runs: number;
  /** Were in the log already. */
  known: number;
  files: number;
  notes: string[];
}

export interface LogCheck {
  /** ISO 8601 UTC. */
  at: string;
  runs: number;
  files: number;
  /** Images that the log lists and whose file is gone or, where bytes were compared, another one. */
  missing: { runId: string; title: string; indices: number[]; canBeRemade: boolean }[];
  /** Folders and files in the data folder that no row of the log knows, by their place in it. */
  orphans: string[];
  /** What SQLite finds wrong in the log itself. */
  damage: string[];
}

export interface LogBackup {
  file: string;
  /** ISO 8601 UTC. */
  at: string;
  bytes: number;
  why: 'hours' | 'migration' | 'asked';
}
