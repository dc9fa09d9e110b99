import type { CaseAnswer, ItemResult, ReadingSummary, ReviewResult } from '../../preload/review.ts';
import { agreementOf } from './study-agreement.ts';
import { sequenceOf, type ReviewDesign, type StudyKey } from './design.ts';
import { holm } from './equivalence.ts';
import { compareGroups } from './group-comparison.ts';
import { analyseReading, chanceOf, isRight, type JudgedCase, scoreOf } from './reader-result.ts';
import { analyseSeveral, compareSessions } from './study-readers.ts';

/** A finished reading with its answers by position. */
export interface Reading extends Pick<ReadingSummary, 'id' | 'reader' | 'session'> {
  answers: readonly (CaseAnswer & { position: number })[];
}

/** The reading with the truth beside every answer. */
export interface JudgedReading extends Reading {
  cases: JudgedCase[];
}

type StudyDesign = Pick<ReviewDesign, 'question' | 'choices' | 'margin' | 'training' | 'orders' | 'items' | 'title'>;

/** The whole result of a closed study. Throws RangeError without a finished reading. */
export function analyseStudy(options: {
  reviewId: string;
  designSha256: string;
  design: StudyDesign;
  key: Pick<StudyKey, 'images'>;
  readings: readonly Reading[];
  /** What could not be balanced or made equal. */
  notes?: string[];
}): ReviewResult {
  const { reviewId, designSha256, design, key, notes = [] } = options;
  const { question, choices, margin, title } = design;
  const readings = options.readings.map((reading) => judge(design, key, reading));
  const readers = readings.map((reading) => analyseReading(reading, reading.cases, { question, choices, margin }));
  const adjusted = holm(readers.map(({ pValueAgainstChance }) => pValueAgainstChance ?? 1));
  const first = readings.filter(({ session }) => session === 1);
  return {
    reviewId,
    title,
    designSha256,
    question,
    chance: chanceOf(question, choices),
    readers: readers.map((one, index) => ({
      ...one,
      holmPValue: one.pValueAgainstChance === null ? null : adjusted[index]!,
    })),
    several: analyseSeveral(question, first, { chance: chanceOf(question, choices), margin }),
    agreement: agreementOf(question, first),
    sessions: compareSessions(question, readings),
    ...compareGroups(question, first, key),
    notes: [...notes, ...dependenceNote(key)],
    items: itemsOf(design, key, readings),
  };
}

function judge(design: StudyDesign, key: Pick<StudyKey, 'images'>, reading: Reading): JudgedReading {
  const sequence = sequenceOf(design, reading.session);
  const seen = new Set<number>();
  const skipped = design.training.length;
  const cases = reading.answers
    .filter(({ position }) => position >= skipped)
    .toSorted((a, b) => a.position - b.position)
    .map((answer): JudgedCase => {
      const item = sequence[answer.position]!;
      const repeat = seen.has(item);
      seen.add(item);
      const images = design.items[item]!;
      const truths = images.map((number) => key.images[number]!.truth);
      return { item, place: answer.position - skipped, repeat, truths, images, answer };
    });
  return { ...reading, cases };
}

/** Slides are not modelled: neither the exact intervals nor those of several readers know of them. */
function dependenceNote({ images }: Pick<StudyKey, 'images'>): string[] {
  const patches = images.flatMap(({ slide }) => (slide === undefined ? [] : [slide]));
  const slides = new Set(patches).size;
  return slides === patches.length
    ? []
    : [
        `${patches.length} cases are patches of ${slides} ${slides === 1 ? 'slide' : 'slides'} and are counted as independent of one another: intervals and p-values are too small by as much as patches of one slide are read alike.`,
      ];
}

function itemsOf(design: StudyDesign, key: Pick<StudyKey, 'images'>, readings: readonly JudgedReading[]): ItemResult[] {
  const { question } = design;
  const training = new Set(design.training.map(({ item }) => item));
  return design.items.flatMap((numbers, item) => {
    if (training.has(item)) return [];
    const judged = readings.flatMap(({ id, cases }) =>
      cases.filter((one) => one.item === item && !one.repeat).map((one) => ({ readingId: id, one })),
    );
    const rights = judged.flatMap(({ one }) => isRight(question, one) ?? []);
    const scores = judged.flatMap(({ one }) => scoreOf(question, one.answer) ?? []);
    const images = numbers.map((number) => {
      const { truth, title, group, slide = '' } = key.images[number]!;
      return { number, truth, title, group, slide };
    });
    const answers = judged.map(({ readingId, one }) => {
      const { choice, confidence, elapsedMs, mark, comment } = one.answer;
      return { readingId, choice, confidence, elapsedMs, mark, comment };
    });
    return [{ item, images, rightShare: mean(rights.map(Number)), meanScore: mean(scores), answers }];
  });
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
