import type { QuestionKind, ReviewResult } from '../../preload/review.ts';
import { krippendorffAlpha } from './agreement.ts';
import { cohenKappa, fleissKappa } from './kappa.ts';
import type { JudgedReading } from './study-result.ts';

/** How the readers agree with each other on the first showing of each case; null with one reader. */
export function agreementOf(question: QuestionKind, readings: readonly JudgedReading[]): ReviewResult['agreement'] {
  if (readings.length < 2) return null;
  const items = [...new Set(readings.flatMap(({ cases }) => cases.map(({ item }) => item)))].sort((a, b) => a - b);
  const choices = readings.map(({ cases }) => {
    const given = new Map(cases.filter(({ repeat }) => !repeat).map(({ item, answer }) => [item, answer.choice]));
    return items.map((item) => given.get(item) ?? null);
  });
  const complete = items.flatMap((_, at) => (choices.every((one) => one[at] !== null) ? [at] : []));
  const most = Math.max(...choices.flatMap((one) => one.map((choice) => choice ?? 0)));
  const counts = complete.map((at) =>
    Array.from({ length: most + 1 }, (_, category) => choices.filter((one) => one[at] === category).length),
  );
  const ordered = question === 'quality';
  const pairs = readings.flatMap((first, i) =>
    readings.slice(i + 1).map((second, k) => {
      const [a, b] = [choices[i]!, choices[i + 1 + k]!];
      const rated = items.flatMap((_, at) => (a[at] === null || b[at] === null ? [] : [[a[at]!, b[at]!] as const]));
      const kappa =
        rated.length === 0
          ? NaN
          : cohenKappa(
              rated.map(([x]) => x),
              rated.map(([, y]) => y),
              ordered ? 'quadratic' : 'none',
            );
      return { readers: [first.reader.pseudonym, second.reader.pseudonym] as [string, string], kappa };
    }),
  );
  return {
    fleissKappa: counts.length === 0 ? null : finite(fleissKappa(counts)),
    krippendorffAlpha: finite(krippendorffAlpha(choices, ordered ? 'ordinal' : 'nominal')),
    cohenKappa: pairs.filter(({ kappa }) => Number.isFinite(kappa)),
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
