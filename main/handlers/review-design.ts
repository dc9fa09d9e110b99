import { VerisimError } from '../../preload/errors.ts';
import { questionKinds, type ReaderAnswer } from '../../preload/review.ts';
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

/** Throws InvalidInput for a choice that the question does not offer. */
export function checkChoice({ question, choices }: ReviewDesign, choice: number): void {
  const [low, high] = question === 'quality' ? [1, 5] : [0, choices === 1 ? 1 : choices - 1];
  if (choice >= low && choice <= high) return;
  throw new VerisimError('InvalidInput', `The answer ${choice} is none of this question: ${low} to ${high}.`, {
    expected: `${low} to ${high}`,
    found: String(choice),
  });
}

/** Whether a design that came in a file holds together: every case has images, every order and training case exists. */
export function isWhole(design: ReviewDesign): boolean {
  const { schema, title, question, items, orders, training, images, tools } = design;
  const within = (list: readonly number[], below: number) =>
    list.every((number) => Number.isInteger(number) && number >= 0 && number < below);
  return (
    schema === 2 &&
    typeof title === 'string' &&
    title.length <= 200 &&
    questionKinds.includes(question) &&
    typeof tools === 'object' &&
    items.every((numbers) => numbers.length > 0 && numbers.length <= 4 && within(numbers, images.length)) &&
    orders.length > 0 &&
    orders.every((order) => order.length > 0 && within(order, items.length)) &&
    within(
      training.map(({ item }) => item),
      items.length,
    )
  );
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
