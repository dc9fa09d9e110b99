/** What the person measures, and what is said of it. Plain types and the names that go with them. */
import type { RunRow } from './domain.ts';
import type { EvaluationResult, MeasureName } from './evaluation.ts';

/** One part of a set; a folder is known by the identifier that choosing it gave. */
export type SetPart =
  { kind: 'folder'; folderId: string } | { kind: 'series'; seriesId: string } | { kind: 'run'; runId: string };

export interface MeasureFolder {
  id: string;
  name: string;
}

export interface ExtractorSummary {
  id: string;
  name: string;
  modality: string;
  anatomy: string;
  width: number;
}

/** good: no difference from real images was found; mixed: one that may matter; poor: a clear one; open: cannot be told. */
export type VerdictLevel = 'good' | 'mixed' | 'poor' | 'open';

export interface Verdict {
  id: 'quality' | 'diversity' | 'originality' | 'signatures' | 'classes';
  level: VerdictLevel;
  title: string;
  /** One or two sentences for somebody who never met the measures. */
  sentence: string;
  /** The numbers behind it, a sentence each. */
  evidence: string[];
  /** What to do next; empty where nothing follows. */
  advice: string[];
}

export interface Cohort {
  name: string;
  result: EvaluationResult;
  verdicts: Verdict[];
}

/** One item of a reporting guideline, as far as the log can fill it in. */
export interface ReportingItem {
  guideline: string;
  item: string;
  asks: string;
  text: string;
}

export interface Evaluation {
  runId: string;
  /** ISO 8601 UTC. */
  measuredAt: string;
  real: string;
  training: string | null;
  cohorts: Cohort[];
  methods: string;
  reporting: ReportingItem[];
}

export type EvaluationRow = Pick<RunRow, 'id' | 'title' | 'createdAt'>;

export interface MetricFacts {
  title: string;
  /** Which way a perfect generator lies. */
  better: 'lower' | 'higher' | 'near the floor';
  /** Decimal places that mean something. */
  digits: number;
  says: string;
}

export const metricFacts: Record<MeasureName, MetricFacts> = {
  fid: { title: 'FID', better: 'lower', digits: 2, says: 'distance of the two clouds of features, taken as Gaussian' },
  fidInfinity: { title: 'FID∞', better: 'lower', digits: 2, says: 'FID continued to endless sets' },
  frd: {
    title: 'FRD',
    better: 'lower',
    digits: 2,
    says: 'Fréchet distance of radiomic features, scaled by the real set',
  },
  kid: { title: 'KID', better: 'lower', digits: 4, says: 'distance with a polynomial kernel, unbiased' },
  mmd: { title: 'MMD²', better: 'lower', digits: 4, says: 'distance with a Gaussian kernel, unbiased' },
  precision: { title: 'Precision', better: 'higher', digits: 3, says: 'share of synthetic images among the real ones' },
  recall: { title: 'Recall', better: 'higher', digits: 3, says: 'share of real images among the synthetic ones' },
  density: { title: 'Density', better: 'higher', digits: 3, says: 'how thick real images lie round synthetic ones' },
  coverage: { title: 'Coverage', better: 'higher', digits: 3, says: 'share of real images with a synthetic one near' },
  msSsim: {
    title: 'MS-SSIM',
    better: 'near the floor',
    digits: 3,
    says: 'likeness of random pairs within the set; high means little variety',
  },
};
