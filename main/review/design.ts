import { VerisimError } from '../../preload/errors.ts';
import type { ReaderAnswer, ReadingTools, StudyPlan } from '../../preload/review.ts';
import { arrange, countNeighbours, longestRun, plantRepeats } from './arrange.ts';
import { type ColourEqualisation, equalisation } from './equalise.ts';
import { type RandomSource, randomSource, randomSourceName, sampleInOrder } from './random.ts';

/** An image that a study may show. */
export interface Candidate {
  id: string;
  /** Its neighbours in the order must not be of the same patient, and each gives about as many images; of patches the slide. */
  patient: string;
  /** Of a patch: named when the study is closed. */
  slide?: string;
  /** Class, modality or model family: drawn from in equal parts, and compared in the result. */
  group: string;
}

/** What the order must not give away: kept apart, encrypted until the study is closed. */
export interface StudyKey {
  salt: string;
  images: {
    truth: ReaderAnswer;
    imageId: string;
    title: string;
    group: string;
    patient: string;
    slide?: string;
  }[];
}

/** Everything that decides what a reader sees, without the truth; its SHA-256 is that of canonicalJson(design). */
export interface ReviewDesign {
  schema: 2;
  /** A change of the plan makes a further version of the same title. */
  version: number;
  title: string;
  question: StudyPlan['question'];
  choices: number;
  seed: number;
  randomSource: typeof randomSourceName;
  longestRun: number;
  equalisation: typeof equalisation | ColourEqualisation;
  tools: ReadingTools;
  timeLimitSeconds: number | null;
  showsResult: boolean;
  margin: number;
  washOutDays: number;
  /** How many distinct images each class was sampled from. */
  sampledFrom: Record<ReaderAnswer, number>;
  /** Numbers of the images of each case, in their places on the screen. */
  items: number[][];
  /** The first cases, with the choice that is right. */
  training: { item: number; right: number }[];
  /** For each session the cases in reading order, repeats included. */
  orders: number[][];
  /** Neighbouring places of one patient that could not be avoided. */
  neighbours: number;
  images: { sha256: string }[];
  /** SHA-256 of canonicalJson(key): the key that is opened later is the one of this design. */
  keySha256: string;
}

/** The design before its images are drawn and its key is sealed. */
export type DraftDesign = Omit<ReviewDesign, 'images' | 'keySha256' | 'version'>;

export interface Draft {
  design: DraftDesign;
  /** By image number. */
  images: { truth: ReaderAnswer; candidate: Candidate }[];
}

const bothShown = (question: StudyPlan['question']) => question === 'which-is-real' || question === 'which-is-better';

/**
 * Samples the images, in equal parts from every group of a class, puts them into cases and the cases into one balanced
 * order for each session. Candidates are sorted and repeated ones count once: the same sets and seed give the same design in
 * whatever order they were listed. Throws InvalidInput when a class has too few images or an image is in both.
 */
export function freezeDesign(plan: StudyPlan, pools: Record<ReaderAnswer, readonly Candidate[]>): Draft {
  const { title, question, seed, casesPerClass, trainingCases } = plan;
  const choices = question === 'which-is-real' ? Math.max(2, plan.choices) : question === 'which-is-better' ? 2 : 1;
  const distinct = { real: sorted(pools.real), synthetic: sorted(pools.synthetic) };
  requireApart(distinct.real, distinct.synthetic);
  const random = randomSource(seed);
  const both = bothShown(question);
  const training = both ? trainingCases : Math.ceil(trainingCases / 2);
  const needed = { real: casesPerClass + training, synthetic: (both ? choices - 1 : 1) * (casesPerClass + training) };
  const drawn = {
    real: sampleByGroup('real', distinct.real, needed.real, random),
    synthetic: sampleByGroup('synthetic', distinct.synthetic, needed.synthetic, random),
  };
  const cases = both ? mixedCases(drawn, choices, random) : singleCases(drawn);
  const trainingItems = both
    ? cases.slice(0, training)
    : cases.filter(({ train }) => train < training).slice(0, trainingCases);
  // Shuffled before they are numbered: neither the number of a case nor that of its image tells its class.
  const rest = cases.filter((one) => !trainingItems.includes(one) && (both || one.train >= training));
  const judged = sampleInOrder(rest, rest.length, random);
  const shown = [...trainingItems, ...judged];
  const numbered = numberImages(shown.map(({ images }) => images));
  const arrangeable = judged.map(({ images, truth }) => ({
    patients: images.map(({ candidate }) => candidate.patient),
    truth: question === 'real-or-synthetic' ? truth : null,
  }));
  const orders = Array.from({ length: plan.sessions }, () => {
    const { order } = arrange(arrangeable, random);
    return plantRepeats(order, arrangeable, { count: Math.min(plan.repeats, order.length), random });
  });
  return {
    images: numbered.images,
    design: {
      schema: 2,
      title,
      question,
      choices,
      seed,
      randomSource: randomSourceName,
      longestRun,
      equalisation,
      tools: plan.tools,
      timeLimitSeconds: plan.timeLimitSeconds,
      showsResult: plan.showsResult,
      margin: plan.margin,
      washOutDays: plan.washOutDays,
      sampledFrom: { real: distinct.real.length, synthetic: distinct.synthetic.length },
      items: numbered.items,
      training: trainingItems.map(({ right }, item) => ({ item, right })),
      orders: orders.map((order) => order.map((at) => at + trainingItems.length)),
      neighbours: orders.reduce((sum, order) => sum + countNeighbours(order, arrangeable), 0),
    },
  };
}

/** Case of each place of a session: training first. */
export function sequenceOf(design: Pick<ReviewDesign, 'training' | 'orders'>, session: number): number[] {
  return [...design.training.map(({ item }) => item), ...(design.orders[session - 1] ?? [])];
}

interface Shown {
  truth: ReaderAnswer;
  candidate: Candidate;
}

interface DraftCase {
  images: Shown[];
  truth: ReaderAnswer;
  right: number;
  /** Place within its class; the first ones train. */
  train: number;
}

function singleCases(drawn: Record<ReaderAnswer, Candidate[]>): DraftCase[] {
  const of = (truth: ReaderAnswer, right: number) =>
    drawn[truth].map((candidate, train): DraftCase => ({ images: [{ truth, candidate }], truth, right, train }));
  const [real, synthetic] = [of('real', 0), of('synthetic', 1)];
  return real.flatMap((one, index) => [one, ...synthetic.slice(index, index + 1)]);
}

/** One real image among synthetic ones, in a random place. */
function mixedCases(drawn: Record<ReaderAnswer, Candidate[]>, choices: number, random: RandomSource): DraftCase[] {
  return drawn.real.map((candidate, index): DraftCase => {
    const others = drawn.synthetic.slice(index * (choices - 1), (index + 1) * (choices - 1));
    const right = random.below(choices);
    const images: Shown[] = others.map((other) => ({ truth: 'synthetic', candidate: other }));
    images.splice(right, 0, { truth: 'real', candidate });
    return { images, truth: 'real', right, train: index };
  });
}

function numberImages(cases: readonly Shown[][]): { items: number[][]; images: Shown[] } {
  const images = cases.flat();
  let next = 0;
  return { images, items: cases.map((shown) => shown.map(() => next++)) };
}

/** Round robin over the groups in random order, and over the patients of each, so that none is drawn from twice before each was once. */
function sampleByGroup(
  truth: ReaderAnswer,
  pool: readonly Candidate[],
  count: number,
  random: RandomSource,
): Candidate[] {
  requireEnough(truth, pool.length, count);
  const groups = [...Map.groupBy(pool, ({ group }) => group).values()].map((one) =>
    patientsInTurn(sampleInOrder(one, one.length, random)),
  );
  const drawn: Candidate[] = [];
  for (let round = 0; drawn.length < count; round++)
    for (const group of sampleInOrder(groups, groups.length, random)) {
      const candidate = group[round];
      if (candidate !== undefined && drawn.length < count) drawn.push(candidate);
    }
  return sampleInOrder(drawn, drawn.length, random);
}

/** The first of each patient in their order, then the second of each, and so on. */
function patientsInTurn(pool: readonly Candidate[]): Candidate[] {
  const seen = new Map<string, number>();
  const turns = pool.map((candidate) => {
    const turn = seen.get(candidate.patient) ?? 0;
    seen.set(candidate.patient, turn + 1);
    return { candidate, turn };
  });
  return turns.toSorted((a, b) => a.turn - b.turn).map(({ candidate }) => candidate);
}

function sorted(pool: readonly Candidate[]): Candidate[] {
  return [...new Map(pool.map((candidate) => [candidate.id, candidate])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
}

function requireEnough(truth: ReaderAnswer, found: number, count: number): void {
  if (Number.isInteger(count) && count >= 1 && found >= count) return;
  throw new VerisimError(
    'InvalidInput',
    `The review needs ${count} ${truth} images and the chosen set has ${found}. Choose a larger set or fewer cases.`,
    { expected: `at least ${count} ${truth} images`, found: String(found) },
  );
}

function requireApart(real: readonly Candidate[], synthetic: readonly Candidate[]): void {
  const ids = new Set(real.map(({ id }) => id));
  const shared = synthetic.find(({ id }) => ids.has(id));
  if (shared === undefined) return;
  throw new VerisimError(
    'InvalidInput',
    `The image ${shared.id} is in the real and in the synthetic set. Choose sets that do not overlap.`,
    { expected: 'an image in one set only', found: shared.id },
  );
}
