import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { VerisimError } from '../../../preload/errors.ts';
import { notOpened, readWholeFile } from '../read-file.ts';

const largestInflatedBytes = 2 ** 31 - 1;
const chunkBytes = 256 * 1024;

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

/**
 * A file, inflated where it is gzip, up to `limit` bytes: what lies behind them is left away, so that a small file cannot
 * fill the memory. Throws FileNotReadable, ArchiveInvalid, TooLarge.
 */
export async function readInflated(
  path: string,
  { signal, limit }: { signal?: AbortSignal | undefined; limit: number },
): Promise<Uint8Array> {
  const head = await readStart(path, 2);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return readWholeFile(path, signal);
  if (limit > largestInflatedBytes) {
    throw new VerisimError('TooLarge', `"${path}" inflates to more than 2 GiB and was not opened.`, {
      path,
      expected: 'at most 2 GiB',
      found: `${limit} bytes`,
    });
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const source = createReadStream(path, { highWaterMark: chunkBytes });
    await pipeline(source, createGunzip({ chunkSize: chunkBytes }), async (inflated: AsyncIterable<Uint8Array>) => {
      for await (const chunk of inflated) {
        signal?.throwIfAborted();
        chunks.push(chunk);
        length += chunk.length;
        if (length > limit) return;
      }
    });
  } catch (cause) {
    signal?.throwIfAborted();
    // The rest of a stream that was left on purpose may end in any way.
    if (length <= limit) throw damagedGzip(path, cause);
  }
  return Buffer.concat(chunks, Math.min(length, limit));
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
