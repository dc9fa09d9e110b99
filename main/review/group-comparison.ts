import type { QuestionKind, ReviewResult } from '../../preload/review.ts';
import { holm } from './equivalence.ts';
import type { StudyKey } from './design.ts';
import { fitMixedLogistic, type MixedRow } from './mixed-logistic.ts';
import { normalTwoSided, z975 } from './normal.ts';
import { isRight } from './reader-result.ts';
import type { JudgedReading } from './study-result.ts';

type Groups = Pick<ReviewResult, 'groups' | 'groupsNote'>;

const fewestRows = 20;

/**
 * Are images of some classes or model families told apart more easily? Right answers by group in a logistic model with
 * readers and cases as crossed random intercepts; the largest group is the reference. A case belongs to the group of its
 * synthetic image where it shows both kinds.
 */
export function compareGroups(
  question: QuestionKind,
  readings: readonly JudgedReading[],
  key: Pick<StudyKey, 'images'>,
): Groups {
  const groupOf = groupsByItem(key);
  const judged = readings.flatMap(({ cases }, readerIndex) =>
    cases
      .filter(({ repeat }) => !repeat)
      .map((one) => ({ readerIndex, item: one.item, right: isRight(question, one), group: groupOf(one) })),
  );
  if (judged.some(({ right }) => right === null)) return { groups: [], groupsNote: 'No answer is right or wrong.' };
  const counts = Map.groupBy(judged, ({ group }) => group);
  const names = [...counts.keys()].sort((a, b) => counts.get(b)!.length - counts.get(a)!.length || (a < b ? -1 : 1));
  if (names.length < 2) return { groups: [], groupsNote: 'All images are of one class or family.' };
  if (judged.length < fewestRows) return { groups: [], groupsNote: `Fewer than ${fewestRows} answers.` };
  const items = new Map([...new Set(judged.map(({ item }) => item))].map((item, index) => [item, index]));
  const severalReaders = readings.length > 1;
  const fit = fitMixedLogistic(
    judged.map(({ readerIndex, item, right, group }): MixedRow => ({
      right: Number(right),
      trials: 1,
      covariates: [1, ...names.slice(1).map((name) => Number(name === group))],
      // One answer for each case leaves no room for a deviation of cases.
      ...(severalReaders ? { caseIndex: items.get(item)!, readerIndex } : {}),
    })),
  );
  if (fit === null)
    return { groups: [], groupsNote: 'One group was always or never answered rightly: no odds ratio exists.' };
  const pValues = names.slice(1).map((_, k) => normalTwoSided(fit.coefficients[k + 1]! / fit.standardErrors[k + 1]!));
  const adjusted = holm(pValues);
  const rows = names.map((group, index) => {
    const of = counts.get(group)!;
    const facts = { group, n: of.length, right: of.filter(({ right }) => right === true).length };
    if (index === 0) return { ...facts, oddsRatio: 1, low: 1, high: 1, pValue: 1, holmPValue: 1 };
    const [slope, half] = [fit.coefficients[index]!, z975 * fit.standardErrors[index]!];
    return {
      ...facts,
      oddsRatio: Math.exp(slope),
      low: Math.exp(slope - half),
      high: Math.exp(slope + half),
      pValue: pValues[index - 1]!,
      holmPValue: adjusted[index - 1]!,
    };
  });
  const effects = severalReaders
    ? `Logistic model, random intercepts: readers ${fit.deviations.readers.toFixed(2)}, cases ${fit.deviations.cases.toFixed(2)} (standard deviations, logit).`
    : 'Logistic model of one reader.';
  return { groups: rows, groupsNote: `${effects} Reference: ${names[0]}. Wald intervals, Holm’s p.` };
}

function groupsByItem(key: Pick<StudyKey, 'images'>) {
  return (one: { truths: readonly string[]; images: readonly number[] }): string => {
    const shown = one.images.map((number) => key.images[number]!);
    return (shown.find(({ truth }) => truth === 'synthetic') ?? shown[0]!).group;
  };
}
