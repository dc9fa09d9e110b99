import type { MetricValue } from '../../preload/evaluation.ts';
import { pairwiseSimilarity } from '../evaluation/diversity.ts';
import type { SetImage } from './set-image.ts';
import type { OnPhase } from './evaluate-run.ts';

const mostPairs = 500;

/** MS-SSIM within the synthetic set, with that of the real one as its floor. */
export function diversityOf(
  real: SetImage[],
  synthetic: SetImage[],
  { grid, onPhase }: { grid: { width: number; height: number }; onPhase: OnPhase },
): MetricValue {
  let done = 0;
  const of = (images: SetImage[]): ReturnType<typeof pairwiseSimilarity> =>
    pairwiseSimilarity(
      images.map(({ pixels }) => pixels),
      {
        ...grid,
        most: mostPairs,
        seed: images.length,
        onPair: () =>
          onPhase(
            'Comparing pairs within each set',
            ++done,
            Math.min(mostPairs * 2, (real.length + synthetic.length) >> 1),
          ),
      },
    );
  const n = { real: real.length, synthetic: synthetic.length };
  const [ofReal, ofSynthetic] = [of(real), of(synthetic)];
  const floor = ofReal === null ? null : { value: ofReal.value, low: ofReal.low, high: ofReal.high };
  if (ofSynthetic === null) {
    const note = 'Not given: it needs at least 40 images of 11 × 11 pixels or more.';
    return { value: null, low: null, high: null, floor, atFloor: null, n, extractor: '', note };
  }
  const { value, low, high, pairs, scales } = ofSynthetic;
  const note = `Mean similarity of ${pairs} random pairs, ${scales} scales; low means diverse. The floor is the same for the real set.`;
  return { value, low, high, floor, atFloor: null, n, extractor: '', note };
}
