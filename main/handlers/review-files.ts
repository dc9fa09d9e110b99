import { readFile, stat } from 'node:fs/promises';
import type { CallParsed } from '../../preload/contract.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { ReviewFile, ReviewSummary } from '../../preload/review.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { studyAsCsv, studyAsImrmc } from '../review/study-tables.ts';
import { studyReport } from '../review/study-report.ts';
import type { Workspace } from './dependencies.ts';
import { mergeAnswers, packAnswers } from './review-answers.ts';
import { offlineReader } from './review-offline.ts';
import { packStudy, unpackStudy } from './review-packing.ts';
import { reviewResult } from './reviews.ts';
import { summaryOf } from './review-summary.ts';

const mostBytes = 512 * 2 ** 20;

/**
 * Writes a study without its key, the answers of one reading, or the result of a closed study. Throws UnknownReview,
 * ReviewLocked, OutputNotWritable, DiskFull.
 */
export async function writeReviewFile(
  workspace: Workspace,
  { what, id, file }: CallParsed<'reviews.write'>,
  { signal }: { signal: AbortSignal },
): Promise<{ file: string }> {
  const content = await contentOf(workspace, what, id);
  signal.throwIfAborted();
  await writeFileAtomic(file, content);
  return { file };
}

/**
 * Reads a packed study or somebody's answers; what the file is, it says itself. Throws FileNotReadable, NotRecognised,
 * HashMismatch where it was changed, InvalidInput for answers that are here already.
 */
export async function readReviewFile(
  workspace: Workspace,
  { file }: CallParsed<'reviews.read'>,
  { signal }: { signal: AbortSignal },
): Promise<{ review: ReviewSummary }> {
  const unreadable = (cause: unknown): never => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new VerisimError('FileNotReadable', `"${file}" cannot be read: ${found}.`, { path: file, found, cause });
  };
  const { size } = await stat(file).catch(unreadable);
  if (size > mostBytes)
    throw new VerisimError('TooLarge', `"${file}" has ${size} bytes; a packed study has at most ${mostBytes}.`, {
      path: file,
      expected: `at most ${mostBytes} bytes`,
      found: String(size),
    });
  const bytes = await readFile(file).catch(unreadable);
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const id = zipped
    ? await unpackStudy(workspace, { file, bytes }, signal)
    : mergeAnswers(workspace, { file, text: bytes.toString('utf8') });
  return { review: summaryOf(workspace, workspace.log.reviews.get(id)) };
}

async function contentOf(workspace: Workspace, what: ReviewFile, id: string): Promise<Uint8Array | string> {
  if (what === 'study') return packStudy(workspace, id);
  if (what === 'page') return offlineReader(workspace, id);
  if (what === 'answers') return packAnswers(workspace, id);
  const result = await reviewResult(workspace, id);
  if (what === 'csv') return studyAsCsv(result);
  if (what === 'imrmc') return studyAsImrmc(result);
  return what === 'html' ? studyReport(result) : `${JSON.stringify(result, null, 2)}\n`;
}
