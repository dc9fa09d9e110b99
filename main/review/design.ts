import type { ReaderAnswer } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { equalisation } from './equalise.ts';
import { balancedOrder, longestRun } from './order.ts';
import { randomSource, randomSourceName, sampleInOrder } from './random.ts';

/** Everything that decides what the reader sees, fixed before the first answer; its SHA-256 is that of canonicalJson(design). */
export interface ReviewDesign {
  schema: 1;
  title: string;
  seed: number;
  randomSource: typeof randomSourceName;
  casesPerClass: number;
  longestRun: number;
  equalisation: typeof equalisation;
  /** How many distinct images each class was sampled from. */
  sampledFrom: { real: number; synthetic: number };
  /** In reading order. */
  cases: { position: number; truth: ReaderAnswer; imageId: string }[];
}

/**
 * Samples `casesPerClass` images of each class without replacement and puts them in a seeded balanced order with at most
 * four of one truth in a row. The ids are sorted first and repeated ones count once, so that the same sets and seed give
 * the same design in whatever order they were listed. Throws InvalidInput when a class has too few images or an id is in both.
 */
export function freezeDesign(options: {
  title: string;
  /** A whole number from 0 to 2^32 − 1. */
  seed: number;
  realIds: readonly string[];
  syntheticIds: readonly string[];
  casesPerClass: number;
}): ReviewDesign {
  const { title, seed, casesPerClass } = options;
  const pools = { real: distinct(options.realIds), synthetic: distinct(options.syntheticIds) };
  requireEnough('real', pools.real, casesPerClass);
  requireEnough('synthetic', pools.synthetic, casesPerClass);
  requireApart(pools.real, pools.synthetic);

  const random = randomSource(seed);
  const drawn = {
    real: sampleInOrder(pools.real, casesPerClass, random),
    synthetic: sampleInOrder(pools.synthetic, casesPerClass, random),
  };
  const order = balancedOrder(casesPerClass, random);
  const taken = { real: 0, synthetic: 0 };
  return {
    schema: 1,
    title,
    seed,
    randomSource: randomSourceName,
    casesPerClass,
    longestRun,
    equalisation,
    sampledFrom: { real: pools.real.length, synthetic: pools.synthetic.length },
    cases: order.map((truth, position) => ({ position, truth, imageId: drawn[truth][taken[truth]++]! })),
  };
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)].sort();
}

function requireEnough(truth: ReaderAnswer, ids: readonly string[], casesPerClass: number): void {
  if (Number.isInteger(casesPerClass) && casesPerClass >= 1 && ids.length >= casesPerClass) return;
  throw new VerisimError(
    'InvalidInput',
    `The review needs ${casesPerClass} ${truth} images and the chosen set has ${ids.length}. Choose a larger set or fewer cases.`,
    { expected: `at least ${casesPerClass} ${truth} images`, found: String(ids.length) },
  );
}

function requireApart(real: readonly string[], synthetic: readonly string[]): void {
  const realIds = new Set(real);
  const shared = synthetic.find((id) => realIds.has(id));
  if (shared === undefined) return;
  throw new VerisimError(
    'InvalidInput',
    `The image ${shared} is in the real and in the synthetic set. Choose sets that do not overlap.`,
    {
      expected: 'an image in one set only',
      found: shared,
    },
  );
}
