import type { SkippedFile } from '../../preload/domain.ts';
import { serialiseError } from '../../preload/errors.ts';

/** The report on one file that was left out; the rest goes on. */
export function skippedFile(path: string, error: unknown): SkippedFile {
  const { tag, message } = serialiseError(error);
  return { path, error: { tag, message } };
}
