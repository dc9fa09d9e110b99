import { readFile, stat } from 'node:fs/promises';
import { VerisimError } from '../../preload/errors.ts';

const largestFileBytes = 2 ** 31 - 1;

/** A whole file. Throws FileNotReadable, or TooLarge above 2 GiB before anything is read. */
export async function readWholeFile(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > largestFileBytes) {
      throw new VerisimError('TooLarge', `"${path}" is larger than 2 GiB and was not opened.`, {
        path,
        expected: 'a file of at most 2 GiB',
        found: `${size} bytes`,
      });
    }
    return await readFile(path, signal === undefined ? {} : { signal });
  } catch (cause) {
    if (cause instanceof VerisimError || (cause instanceof Error && cause.name === 'AbortError')) throw cause;
    throw new VerisimError(
      'FileNotReadable',
      `"${path}" could not be read. It may have been moved, or reading it is not allowed.`,
      {
        path,
        expected: 'a readable file',
        found: reasonOf(cause),
        cause,
      },
    );
  }
}

/** The error of a file of which only a part was to be read. */
export function notOpened(path: string, cause: unknown): VerisimError {
  return new VerisimError('FileNotReadable', `"${path}" could not be opened for reading.`, {
    path,
    expected: 'a readable file',
    found: reasonOf(cause),
    cause,
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
