import type { ReaderAnswer } from '../../preload/review.ts';
import type { StoredCase, StoredReview } from '../log/reviews.ts';
import { longestRun } from '../review/arrange.ts';
import type { ReviewDesign, StudyKey } from '../review/design.ts';
import { equalisation } from '../review/equalise.ts';
import { randomSourceName } from '../review/random.ts';

/** A design of before studies had several readers: the truth stood in it, case and image were one. */
interface FirstDesign {
  schema: 1;
  title: string;
  seed: number;
  casesPerClass: number;
  cases: { position: number; truth: ReaderAnswer; imageId: string }[];
}

/** The frozen design of a review; one of an earlier version is read as the study of one reader that it was. */
export function designOf({ design }: Pick<StoredReview, 'design'>): ReviewDesign {
  const parsed = JSON.parse(design) as ReviewDesign | FirstDesign;
  return parsed.schema === 1 ? fromFirst(parsed) : parsed;
}

/** The truth of a review of an earlier version, which was kept in the log. */
export function keyOfFirst(cases: readonly StoredCase[]): StudyKey {
  return {
    salt: '',
    images: cases.map(({ truth, title }, number) => ({
      truth,
      title,
      imageId: '',
      group: truth,
      patient: String(number),
    })),
  };
}

function fromFirst({ title, seed, casesPerClass, cases }: FirstDesign): ReviewDesign {
  return {
    schema: 2,
    version: 1,
    title,
    question: 'real-or-synthetic',
    choices: 1,
    seed,
    randomSource: randomSourceName,
    longestRun,
    equalisation,
    tools: { zoom: false, window: false, mark: false, comment: false },
    timeLimitSeconds: null,
    showsResult: true,
    margin: 0.1,
    washOutDays: 0,
    sampledFrom: { real: casesPerClass, synthetic: casesPerClass },
    items: cases.map((_, position) => [position]),
    training: [],
    orders: [cases.map((_, position) => position)],
    neighbours: 0,
    images: [],
    keySha256: '',
  };
}
