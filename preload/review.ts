import type { Interval } from './domain.ts';
import type { SetPart } from './measure.ts';
import type { StainNormalisation } from './slides.ts';

/** What a reader is asked of each case. */
export const questionKinds = ['real-or-synthetic', 'which-is-real', 'quality', 'lesion', 'which-is-better'] as const;
export type QuestionKind = (typeof questionKinds)[number];
export type ReaderAnswer = 'real' | 'synthetic';

/** Pseudonymous: no names of persons. */
export interface Reader {
  pseudonym: string;
  yearsOfExperience: number | null;
  specialty: string;
}

/** What the reading screen offers besides the answer itself. */
export interface ReadingTools {
  zoom: boolean;
  window: boolean;
  mark: boolean;
  comment: boolean;
}

/** A circle on image `image` of the case, in shares of its width. */
export interface Mark {
  image: number;
  x: number;
  y: number;
  radius: number;
}

export type Confidence = 1 | 2 | 3 | 4;

/**
 * `choice`: real-or-synthetic 0 real, 1 synthetic; lesion 0 absent, 1 present; quality 1 (poor) … 5 (excellent); which is
 * real or better: the place of the image, from 0.
 */
export interface CaseAnswer {
  choice: number;
  confidence: Confidence;
  /** Without pauses. */
  elapsedMs: number;
  mark: Mark | null;
  comment: string;
}

export interface StudyPlan {
  title: string;
  question: QuestionKind;
  /** Images of a case: 2 to 4 for "which is real", 2 for "which is better", otherwise 1. */
  choices: number;
  real: SetPart[];
  synthetic: SetPart[];
  /** How the colours of both sets are brought to one reference; grey sets have none. */
  stain?: StainNormalisation;
  /** Of each class; for questions that show both at once the number of cases. */
  casesPerClass: number;
  seed: number;
  trainingCases: number;
  repeats: number;
  sessions: number;
  washOutDays: number;
  /** For each case; null = none. */
  timeLimitSeconds: number | null;
  tools: ReadingTools;
  /** Closes the study with the first finished reading and shows the result at once: one reader, one sitting. */
  showsResult: boolean;
  /** "Readers cannot tell" means: within this share of chance. */
  margin: number;
}

/** What a set offers to a review, before it is made. */
export interface ReviewSetSurvey {
  part: SetPart;
  name: string;
  images: number;
  /** Slides that its patches are of; 0 where the set knows none. */
  slides: number;
  /** Null where only reading the whole set would tell. */
  isColour: boolean | null;
  /** Of the images before they are fitted; null where only reading them would tell. */
  size: { width: number; height: number } | null;
  micronsPerPixel: number | null;
  /** Why the set cannot be used, with what to do; null where it can. */
  problem: string | null;
}

export interface ReviewSurvey {
  real: ReviewSetSurvey[];
  synthetic: ReviewSetSurvey[];
  /** What is done so that sizes and resolutions do not tell, and what may tell all the same; whole sentences. */
  notes: string[];
  /** Why the two sets cannot stand in one review; null where they can. */
  problem: string | null;
}

export interface ReadingSummary {
  id: string;
  reviewId: string;
  reader: Reader;
  /** From 1. */
  session: number;
  answered: number;
  total: number;
  state: 'reading' | 'finished';
  startedAt: string;
  finishedAt: string | null;
  /** Read on another machine and merged. */
  merged: boolean;
}

export interface ReviewSummary {
  id: string;
  title: string;
  createdAt: string;
  state: 'open' | 'closed';
  origin: 'own' | 'imported';
  question: QuestionKind;
  choices: number;
  trainingCases: number;
  sessions: number;
  timeLimitSeconds: number | null;
  tools: ReadingTools;
  showsResult: boolean;
  /** Cases of one reading, training and repeats included. */
  total: number;
  version: number;
  /** SHA-256 of the frozen design, fixed before the first answer. */
  designSha256: string;
  /** What could not be balanced or made equal, in whole sentences that tell the truth of no case. */
  notes: string[];
  readings: ReadingSummary[];
}

export interface ReviewCase {
  readingId: string;
  /** 0-based. */
  position: number;
  total: number;
  /** Each lies at app://verisim/review/<reviewId>/<number>. */
  images: number[];
  training: boolean;
  answer: CaseAnswer | null;
}

export interface AnswerReceipt {
  reading: ReadingSummary;
  /** For a training case the choice that was right; null otherwise. */
  feedback: number | null;
}

export interface Equivalence {
  margin: number;
  /** The larger p of the two one-sided tests. */
  pValue: number;
  equivalent: boolean;
}

export interface ReaderResult {
  readingId: string;
  reader: Reader;
  session: number;
  n: number;
  /** Share of right answers against `chance`; null where no answer is right or wrong. */
  accuracy: Interval | null;
  pValueAgainstChance: number | null;
  /** Adjusted over the readers by Holm. */
  holmPValue: number | null;
  equivalence: Equivalence | null;
  /** Sensitivity: synthetic called synthetic. Specificity: real called real. */
  sensitivity: Interval | null;
  specificity: Interval | null;
  dPrime: { dPrime: number; low: number; high: number; criterion: number | null } | null;
  /** Area under the ROC curve of the ratings; above 0.5 synthetic images are rated higher. */
  auc: Interval | null;
  binormal: { a: number; b: number; area: Interval } | null;
  roc: { falsePositive: number; truePositive: number }[];
  confusion: {
    realAsReal: number;
    realAsSynthetic: number;
    syntheticAsReal: number;
    syntheticAsSynthetic: number;
  } | null;
  medianSecondsPerCase: number;
  /** Odds of a right answer after ten further cases. */
  learning: Interval | null;
  /** On cases shown twice. */
  repeats: { agreement: Interval; kappa: number | null } | null;
}

export interface SeveralReadersResult {
  readers: number;
  figure: 'area' | 'accuracy';
  chance: number;
  /** Readers and cases both random. */
  estimates: { method: string; value: number; low: number; high: number; pValue: number; degrees: number | null }[];
  equivalence: Equivalence | null;
}

/** A case as the readers saw it, with its truth. */
export interface ItemResult {
  item: number;
  /** `slide`: '' of what is no patch of a slide. */
  images: { number: number; truth: ReaderAnswer; title: string; group: string; slide: string }[];
  /** Share of readers who were right; null where no answer is right. */
  rightShare: number | null;
  /** Mean score from "surely real" (−4) to "surely synthetic" (4), or mean quality. */
  meanScore: number | null;
  answers: {
    readingId: string;
    choice: number;
    confidence: Confidence;
    elapsedMs: number;
    mark: Mark | null;
    comment: string;
  }[];
}

export interface ReviewResult {
  reviewId: string;
  title: string;
  designSha256: string;
  question: QuestionKind;
  chance: number | null;
  readers: ReaderResult[];
  several: SeveralReadersResult | null;
  agreement: {
    fleissKappa: number | null;
    krippendorffAlpha: number | null;
    cohenKappa: { readers: [string, string]; kappa: number }[];
  } | null;
  /** The first session against the second, on the same cases. */
  sessions: { method: string; difference: number; low: number | null; high: number | null; pValue: number }[];
  /** Odds of a right answer by class or model family: logistic, readers and cases as random intercepts. */
  groups: {
    group: string;
    n: number;
    right: number;
    oddsRatio: number;
    low: number;
    high: number;
    pValue: number;
    holmPValue: number;
  }[];
  groupsNote: string;
  /** As of the review. */
  notes: string[];
  items: ItemResult[];
}

export type ReviewFile = 'study' | 'page' | 'answers' | 'csv' | 'imrmc' | 'json' | 'html';
