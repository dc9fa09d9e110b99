import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { VerisimError } from '../../../preload/errors.ts';
import { notOpened } from '../read-file.ts';
import { parseDataSet } from './data-set.ts';
import type { ParsedDataSet } from './data-set.ts';
import { nativeSyntaxes } from './uids.ts';

const firstChunkBytes = 64 * 1024;
const undefinedLength = 0xffffffff;

/**
 * Parses a file's elements up to Pixel Data from its first 64 KiB, reading more only where the header is longer, and
 * checks without reading them that the pixels are whole. Throws DicomInvalid, FileNotReadable.
 */
export async function readHead(path: string): Promise<{ parsed: ParsedDataSet; size: number; modifiedMs: number }> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw notOpened(path, cause);
  }
  try {
    const { size, mtimeMs } = await file.stat();
    for (let length = Math.min(size, firstChunkBytes); ; length = Math.min(size, length * 8)) {
      const bytes = new Uint8Array(length);
      await file.read(bytes, 0, length, 0);
      const parsed = tryParse(bytes, path, length === size);
      if (parsed === null) continue;
      await checkPixels(parsed, { file, path, size });
      return { parsed, size, modifiedMs: mtimeMs };
    }
  } finally {
    await file.close();
  }
}

/** The data set; null where the bytes ended before Pixel Data and the file goes on. */
export function tryParse(bytes: Uint8Array, path: string, isWhole: boolean): ParsedDataSet | null {
  try {
    const parsed = parseDataSet(bytes, path);
    const elements = parsed.dataSet.elements;
    const complete = ['x7fe00008', 'x7fe00009', 'x7fe00010'].some((tag) => elements[tag] !== undefined);
    return complete || isWhole ? parsed : null;
  } catch (cause) {
    if (!isWhole) return null;
    if (cause instanceof VerisimError) throw cause;
    throw new VerisimError(
      'DicomInvalid',
      `"${path}" is a damaged or cut-off DICOM file: its data elements cannot be read to the end.`,
      {
        path,
        expected: 'data elements up to the pixels',
        found: describeParserFault(cause),
        cause,
      },
    );
  }
}

async function checkPixels(
  parsed: ParsedDataSet,
  where: { file: FileHandle; path: string; size: number },
): Promise<void> {
  const element = parsed.dataSet.elements['x7fe00010'];
  if (element === undefined || parsed.fileOffset === null) return;
  const start = parsed.fileOffset + element.dataOffset;
  const isEncapsulated = element.hadUndefinedLength === true || element.length === undefinedLength;
  const end = isEncapsulated ? await endOfFragments(where.file, start, where.size) : start + element.length;
  // Some writers leave the last padding byte away.
  if (end > where.size + 1) throw cutOff(where.path, end - start, where.size - start);
}

/** Follows the lengths of the fragments (PS3.5 A.4), reading only their eight-byte heads. */
async function endOfFragments(file: FileHandle, start: number, size: number): Promise<number> {
  const head = new DataView(new ArrayBuffer(8));
  let at = start;
  while (at + 8 <= size) {
    await file.read(head, 0, 8, at);
    if (head.getUint16(0, true) !== 0xfffe || head.getUint16(2, true) !== 0xe000) return at;
    at += 8 + head.getUint32(4, true);
  }
  return at;
}

export function cutOff(path: string, expectedBytes: number, foundBytes: number): VerisimError {
  return new VerisimError(
    'DicomInvalid',
    `"${path}" is cut off: its pixels need ${expectedBytes} bytes and ${Math.max(0, foundBytes)} are there. Copy the file again from its source.`,
    {
      path,
      expected: `${expectedBytes} bytes of pixels`,
      found: `${Math.max(0, foundBytes)} bytes`,
    },
  );
}

export function isEncapsulatedSyntax(uid: string): boolean {
  return !nativeSyntaxes.has(uid);
}

function describeParserFault(fault: unknown): string {
  if (typeof fault === 'string') return fault;
  if (typeof fault === 'object' && fault !== null && 'exception' in fault) return String(fault.exception);
  return String(fault);
}
