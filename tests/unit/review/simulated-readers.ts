import { randomSource } from '../../../main/review/random.ts';

/** Seeded draws, and readers as Roe and Metz (1997) let them differ. */
export function simulatedReaders(seed: number) {
  const random = randomSource(seed);
  const uniform = () => (random.below(2 ** 48) + 0.5) / 2 ** 48;
  /** Box and Muller. */
  const gauss = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  /** Readers, cases and their meetings are normal; the area follows from the sum of the variances (`roeMetzVariance`). */
  const roeMetz = ({ readers, cases, shift }: { readers: number; cases: number; shift: number }) => {
    const classes = [0, 1].map(() => Array.from({ length: cases }, () => deviation.case * gauss()));
    return Array.from({ length: readers }, () => {
      const lean = [0, 1].map(() => deviation.reader * gauss());
      const rate = (truth: number) =>
        classes[truth]!.map(
          (one) => truth * shift + lean[truth]! + one + deviation.readerCase * gauss() + deviation.own * gauss(),
        );
      return { real: rate(0), synthetic: rate(1) };
    });
  };
  return { uniform, gauss, roeMetz };
}

const deviation = { reader: 0.2, case: 0.55, readerCase: 0.45, own: 0.67 };
export const roeMetzVariance = 0.2 ** 2 + 0.55 ** 2 + 0.45 ** 2 + 0.67 ** 2;
