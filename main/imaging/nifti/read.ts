import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync } from 'node:zlib';
import { VerisimError } from '../../../preload/errors.ts';
import { notOpened, readWholeFile } from '../read-file.ts';

const largestInflatedBytes = 2 ** 31 - 1;
const inflateAll = promisify(gunzip);

/** The first bytes of a file, inflated where it is gzip. Throws FileNotReadable, ArchiveInvalid. */
export async function readInflatedHead(path: string, length: number): Promise<Uint8Array> {
  const head = await readStart(path, length);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return head;
  try {
    // A few kilobytes give the header; the stream is cut on purpose, hence the flush.
    const start = await readStart(path, 4096);
    return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, length);
  } catch (cause) {
    throw cause instanceof VerisimError ? cause : damagedGzip(path, cause);
  }
}

/** A whole file, inflated where it is gzip; refuses to inflate beyond 2 GiB (TooLarge). */
export async function readInflated(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = await readWholeFile(path, signal);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await inflateAll(bytes, { maxOutputLength: largestInflatedBytes });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new VerisimError('TooLarge', `"${path}" inflates to more than 2 GiB and was not opened.`, {
        path,
        expected: 'at most 2 GiB',
        found: 'more',
        cause,
      });
    }
    throw damagedGzip(path, cause);
  }
}

export async function readStart(path: string, length: number): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw notOpened(path, cause);
  }
}

function damagedGzip(path: string, cause: unknown): VerisimError {
  return new VerisimError('ArchiveInvalid', `"${path}" is a gzip file that is damaged or cut off.`, {
    path,
    expected: 'a whole gzip stream',
    found: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}
