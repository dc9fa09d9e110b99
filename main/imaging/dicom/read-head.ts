import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { VerisimError } from '../../../preload/errors.ts';
import { notOpened } from '../read-file.ts';
import { parseDataSet } from './data-set.ts';
import type { ParsedDataSet } from './data-set.ts';
import { nativeSyntaxes } from './uids.ts';

export const firstChunkBytes = 64 * 1024;
const undefinedLength = 0xffffffff;

/** The beginning of a file, which nearly always holds the whole header. */
export interface FileStart {
  bytes: Uint8Array;
  size: number;
  modifiedMs: number;
}

/** The first 64 KiB. Throws FileNotReadable. */
export async function readFileStart(path: string): Promise<FileStart> {
  return withFile(path, async (file) => {
    const { size, mtimeMs: modifiedMs } = await file.stat();
    const bytes = Buffer.allocUnsafeSlow(Math.min(size, firstChunkBytes));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return { bytes: bytes.subarray(0, bytesRead), size, modifiedMs };
  });
}

/**
 * Parses a file's elements up to Pixel Data from its start, reading more only where the header is longer, and checks without
 * reading them that the pixels are whole. Throws DicomInvalid, FileNotReadable.
 */
export async function readHead(
  path: string,
  start?: FileStart,
): Promise<{ parsed: ParsedDataSet; size: number; modifiedMs: number }> {
  const { bytes, size, modifiedMs } = start ?? (await readFileStart(path));
  const parsed = tryParse(bytes, path, bytes.length === size) ?? (await parseLonger(path, bytes.length));
  await checkPixels(parsed, { path, size });
  return { parsed, size, modifiedMs };
}

/** Parses eight times as much again and again. */
function parseLonger(path: string, tried: number): Promise<ParsedDataSet> {
  return withFile(path, async (file) => {
    const { size } = await file.stat();
    for (let length = Math.min(size, Math.max(tried, firstChunkBytes) * 8); ; length = Math.min(size, length * 8)) {
      const bytes = new Uint8Array(length);
      await file.read(bytes, 0, length, 0);
      const parsed = tryParse(bytes, path, length === size);
      if (parsed !== null) return parsed;
    }
  });
}

async function withFile<Result>(path: string, work: (file: FileHandle) => Promise<Result>): Promise<Result> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw notOpened(path, cause);
  }
  try {
    return await work(file);
  } catch (cause) {
    throw cause instanceof VerisimError ? cause : notOpened(path, cause);
  } finally {
    await file.close();
  }
}

/** The data set; null where the bytes ended before Pixel Data and the file goes on. */
export function tryParse(bytes: Uint8Array, path: string, isWhole: boolean): ParsedDataSet | null {
  if (isWhole) return parseWhole(bytes, path);
  try {
    const parsed = parseDataSet(bytes, path);
    const { elements } = parsed.dataSet;
    return ['x7fe00008', 'x7fe00009', 'x7fe00010'].some((tag) => elements[tag] !== undefined) ? parsed : null;
  } catch {
    return null;
  }
}

/** The data set of a whole file. Throws DicomInvalid. */
export function parseWhole(bytes: Uint8Array, path: string): ParsedDataSet {
  try {
    return parseDataSet(bytes, path);
  } catch (cause) {
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

async function checkPixels(parsed: ParsedDataSet, { path, size }: { path: string; size: number }): Promise<void> {
  const element = parsed.dataSet.elements['x7fe00010'];
  if (element === undefined || parsed.fileOffset === null) return;
  const start = parsed.fileOffset + element.dataOffset;
  const isEncapsulated = element.hadUndefinedLength === true || element.length === undefinedLength;
  const end = isEncapsulated
    ? await withFile(path, (file) => endOfFragments(file, start, size))
    : start + element.length;
  // Some writers leave the last padding byte away.
  if (end > size + 1) throw cutOff(path, end - start, size - start);
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
