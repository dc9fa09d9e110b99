/** What a linear probe of latents and a test of usefulness say. Plain types, as domain.ts. */
import type { VerdictLevel } from './measure.ts';

export const usefulnessKinds = ['usefulness', 'probe'] as const;
export type UsefulnessKind = (typeof usefulnessKinds)[number];

/** A run of the log. */
export interface UsefulnessRow {
  id: string;
  title: string;
  /** ISO 8601 UTC. */
  createdAt: string;
}

/** One answer in plain words. */
export interface Finding {
  title: string;
  level: VerdictLevel;
  /** The answer in two or three words. */
  word: string;
  sentence: string;
  /** The numbers behind it, a sentence each. */
  evidence: string[];
  /** What to do next; empty where nothing follows. */
  advice: string[];
}

/** Area under the ROC curve with its 95 % interval (bootstrap over patients), or a difference of two. */
export interface AucValue {
  value: number;
  low: number;
  high: number;
}

export interface ProbeRow {
  /** latents: of a model. pixels: as they are. pooled: pixels averaged to about as few values. projected: random sums of pixels. */
  kind: 'latents' | 'pixels' | 'pooled' | 'projected';
  title: string;
  modelId: string | null;
  /** Values of one image. */
  dimension: number;
  /** Mean over the classes, each against the rest, on images of patients that the classifier had not seen. */
  auc: AucValue;
  classAuc: { label: string; auc: number }[];
  /** This AUC less that of the pixels, in the same resamples; null for the pixels. */
  againstPixels: AucValue | null;
}

export interface ProbeResult {
  runId: string;
  /** Name of the set. */
  data: string;
  findings: Finding[];
  n: { images: number; patients: number; classes: { label: string; images: number }[] };
  folds: number;
  rows: ProbeRow[];
  /** What it rests on and what it cannot say. */
  grounding: string;
  limits: string;
  warnings: string[];
  seconds: number;
}

/** One classifier, told from what it learnt. */
export interface UsefulnessArm {
  name: 'real' | 'synthetic' | 'both';
  title: string;
  n: { real: number; synthetic: number };
  auc: AucValue;
  classAuc: { label: string; auc: number }[];
  /** This AUC less that of training on real images; null for that one. */
  againstReal: AucValue | null;
}

export interface UsefulnessPoint {
  /** Synthetic images added for each real one. */
  perReal: number;
  synthetic: number;
  /** Mean over the draws of which synthetic images are added, and the smallest and largest of them. */
  auc: number;
  smallest: number;
  largest: number;
  draws: number;
}

/** A classifier of real images, applied to images that were made for a class. */
export interface ClassAgreement {
  n: number;
  /** Share of images whose class it names, with the exact 95 % interval. */
  accuracy: AucValue;
  /** The same on the real test images: what it can do at all. */
  accuracyOnReal: AucValue;
  /** Cohen's κ of the wanted and the named class. */
  kappa: number;
  /** Rows: wanted; columns: named; in the order of `labels`. */
  labels: string[];
  confusion: number[][];
}

export interface UsefulnessResult {
  runId: string;
  /** Names of the sets. */
  sets: { real: string; synthetic: string; test: string };
  findings: Finding[];
  extractor: { id: string; version: string; width: number };
  labels: string[];
  n: { train: number; synthetic: number; test: number; testPatients: number };
  arms: UsefulnessArm[];
  curve: UsefulnessPoint[];
  agreement: ClassAgreement;
  grounding: string;
  limits: string;
  warnings: string[];
  seconds: number;
}

/** A finished run, as the log keeps it. */
export type UsefulnessReport =
  { kind: 'usefulness'; result: UsefulnessResult } | { kind: 'probe'; result: ProbeResult };
