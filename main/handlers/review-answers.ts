import { calls } from '../../preload/contract.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { CaseAnswer, Reader } from '../../preload/review.ts';
import { sequenceOf } from '../review/design.ts';
import type { Workspace } from './dependencies.ts';
import { checkChoice, designOf } from './review-design.ts';
import { isSigned, signBody, type Signed } from './review-keys.ts';

interface AnswersBody {
  format: 'verisim-answers';
  version: 1;
  designSha256: string;
  readingId: string;
  reader: Reader;
  session: number;
  startedAt: string;
  finishedAt: string;
  answers: (CaseAnswer & { position: number })[];
}

/** The answers of a finished reading, signed. Throws UnknownReview, ReviewLocked before its end. */
export async function packAnswers({ log, folder }: Workspace, readingId: string): Promise<string> {
  const { reviewId, reader, session, startedAt, finishedAt } = log.reviews.reading(readingId);
  if (finishedAt === null) {
    throw new VerisimError('ReviewLocked', 'The answers are handed over when the reading is finished.', {
      expected: 'a finished reading',
      found: 'an unfinished one',
    });
  }
  const { designSha256 } = log.reviews.get(reviewId);
  const body: AnswersBody = {
    format: 'verisim-answers',
    version: 1,
    designSha256,
    readingId,
    reader,
    session,
    startedAt,
    finishedAt,
    answers: log.reviews.answers(readingId),
  };
  return `${JSON.stringify(await signBody(folder, body), null, 1)}\n`;
}

/**
 * Takes over the answers of another machine. Throws NotRecognised, HashMismatch where they were changed after signing,
 * UnknownReview without their study, ReviewLocked when it is closed, InvalidInput for doubles: the same reading again, or
 * another one of the same pseudonym and session. Returns the id of the study.
 */
export function mergeAnswers({ log, emit }: Workspace, { file, text }: { file: string; text: string }): string {
  const signed = parse(file, text);
  const { body, machine } = signed;
  if (!isSigned(signed)) {
    throw new VerisimError(
      'HashMismatch',
      `The answers in "${file}" were changed after they were signed. Ask for the file again.`,
      {
        path: file,
        expected: 'the answers as they were signed',
        found: 'a signature of other content',
      },
    );
  }
  const review = log.reviews.byDesign(body.designSha256);
  if (review === null) {
    throw new VerisimError('UnknownReview', `The answers in "${file}" belong to a study that is not here.`, {
      path: file,
      expected: 'a study of this log',
      found: body.designSha256,
    });
  }
  const design = designOf(review);
  const { readingId, reader, session, startedAt, finishedAt, answers } = body;
  const total = sequenceOf(design, session).length;
  const complete = answers.length === total && answers.every(({ position }, at) => position === at);
  for (const { choice } of answers) checkChoice(design, choice);
  if (session > design.orders.length || !complete) {
    throw new VerisimError(
      'InvalidInput',
      `"${file}" holds ${answers.length} answers where the study has ${total} cases.`,
      {
        path: file,
        expected: `${total} answers, one for each case`,
        found: String(answers.length),
      },
    );
  }
  log.transaction(() => {
    if (log.reviews.get(review.id).closedAt !== null)
      throw new VerisimError('ReviewLocked', `The study ${review.title} is closed and takes no further answers.`);
    const double =
      log.reviews.findReading(readingId) ??
      log.reviews
        .readings(review.id)
        .find((one) => one.reader.pseudonym === reader.pseudonym && one.session === session);
    if (double != null) {
      throw new VerisimError(
        'InvalidInput',
        `Session ${session} of ${reader.pseudonym} is in this study already; answers count once.`,
        { path: file, expected: 'a reading that is not here yet', found: double.id },
      );
    }
    log.reviews.begin({ id: readingId, reviewId: review.id, reader, session, startedAt, finishedAt, machine });
    for (const answer of answers) log.reviews.saveAnswer(readingId, answer);
  });
  emit('runs.changed', log.runs.row(review.id));
  return review.id;
}

function parse(file: string, text: string): Signed<AnswersBody> {
  try {
    const signed = JSON.parse(text) as Signed<AnswersBody>;
    const { format, version, answers, reader, readingId, designSha256: reviewId } = signed.body;
    const read = calls['reviews.begin'].input.safeParse({ reader, reviewId }).success;
    const whole = answers.every((answer) => calls['reviews.answer'].input.safeParse({ ...answer, readingId }).success);
    if (format === 'verisim-answers' && version === 1 && read && whole) return signed;
  } catch {
    // Said below.
  }
  throw new VerisimError('NotRecognised', `"${file}" holds neither a study nor answers of Verisim.`, {
    path: file,
    expected: 'a packed study or signed answers',
    found: 'another file',
  });
}
