import type { ReviewResult } from '../../preload/review.ts';

/** One line for each answer: reader, session, case, truth, answer. RFC 4180, UTF-8. */
export function studyAsCsv({ items, readers }: ReviewResult): string {
  const header = [
    'reader',
    'years',
    'specialty',
    'session',
    'case',
    'images',
    'truth',
    'group',
    'slide',
    'choice',
    'confidence',
    'seconds',
    'mark_image',
    'mark_x',
    'mark_y',
    'mark_radius',
    'comment',
  ];
  const rows = items.flatMap(({ item, images, answers }) =>
    answers.map(({ readingId, choice, confidence, elapsedMs, mark, comment }) => {
      const one = readers.find((candidate) => candidate.readingId === readingId);
      return [
        one?.reader.pseudonym ?? '',
        one?.reader.yearsOfExperience ?? '',
        one?.reader.specialty ?? '',
        one?.session ?? '',
        item + 1,
        images.map(({ title }) => title).join(' | '),
        images.map(({ truth }) => truth).join(' | '),
        images.map(({ group }) => group).join(' | '),
        images.map(({ slide }) => slide).join(' | '),
        choice,
        confidence,
        (elapsedMs / 1000).toFixed(3),
        mark?.image ?? '',
        mark?.x ?? '',
        mark?.y ?? '',
        mark?.radius ?? '',
        comment,
      ];
    }),
  );
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** A cell that a spreadsheet would take for a formula is led by an apostrophe. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The ratings for the iMRMC software: free text, BEGIN DATA:, truth rows, then reader,case,modality,score. Sessions stand as
 * modalities. Cases with one image only; a choice among images has no score.
 */
export function studyAsImrmc({ title, designSha256, items, readers, question }: ReviewResult): string {
  const single = items.filter(({ images }) => images.length === 1);
  const truths = single.map(
    ({ item, images }) => `truth,case${item + 1},truth,${images[0]!.truth === 'synthetic' ? 1 : 0}`,
  );
  const scores = single.flatMap(({ item, answers }) =>
    answers.map(({ readingId, choice, confidence }) => {
      const one = readers.find((candidate) => candidate.readingId === readingId);
      const score = question === 'quality' ? choice : choice === 1 ? confidence : -confidence;
      return `${word(one?.reader.pseudonym ?? readingId)},case${item + 1},session${one?.session ?? 1},${score}`;
    }),
  );
  const synthetic = single.filter(({ images }) => images[0]!.truth === 'synthetic').length;
  const names = new Set(readers.map(({ reader }) => reader.pseudonym));
  return [
    title.replace(/[\r\n]+/g, ' '),
    `Design ${designSha256}. Signal-present: synthetic. Exported by Verisim.`,
    `NR: ${names.size}`,
    `N0: ${single.length - synthetic}`,
    `N1: ${synthetic}`,
    `NM: ${new Set(readers.map(({ session }) => session)).size}`,
    '',
    'BEGIN DATA:',
    ...truths,
    ...scores,
    '',
  ].join('\n');
}

const word = (name: string) => name.trim().replace(/[\s,]+/g, '_');
