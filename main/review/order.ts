import type { ReaderAnswer } from '../../preload/domain.ts';
import type { RandomSource } from './random.ts';

/** No more cases of one truth than this stand in a row, so that a reader cannot lean on long runs. */
export const longestRun = 4;

/**
 * A balanced order of `casesPerClass` real and as many synthetic cases. Each place is drawn from what is left, as from an
 * urn; after four of one truth the other follows. An order that ends with too many of one truth is drawn afresh.
 */
export function balancedOrder(casesPerClass: number, random: RandomSource): ReaderAnswer[] {
  for (;;) {
    const order = drawOrder(casesPerClass, random);
    if (order !== null) return order;
  }
}

function drawOrder(casesPerClass: number, random: RandomSource): ReaderAnswer[] | null {
  const left = { real: casesPerClass, synthetic: casesPerClass };
  const order: ReaderAnswer[] = [];
  let run = 0;
  while (order.length < 2 * casesPerClass) {
    const previous = order.at(-1);
    let truth: ReaderAnswer = random.below(left.real + left.synthetic) < left.real ? 'real' : 'synthetic';
    if (run === longestRun) truth = previous === 'real' ? 'synthetic' : 'real';
    if (left[truth] === 0) return null;
    left[truth]--;
    run = truth === previous ? run + 1 : 1;
    order.push(truth);
  }
  return order;
}
