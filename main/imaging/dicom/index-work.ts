import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { serialiseError, VerisimError } from '../../../preload/errors.ts';
import type { SerialisedError } from '../../../preload/errors.ts';
import type { IndexedOverlay } from '../indexed-series.ts';
import { recogniseOverlay } from '../overlays/recognise.ts';
import { notOpened } from '../read-file.ts';
import { sniff, sniffLength } from '../sniff.ts';
import { wholeSlideClass } from '../slide/dicom/instance.ts';
import { readText } from './element-values.ts';
import { headerOf } from './header.ts';
import type { DicomHeader } from './header.ts';
import { firstChunkBytes, readHead } from './read-head.ts';
import type { FileStart } from './read-head.ts';

/** Files whose headers a thread reads. */
export interface IndexWork {
  kind: 'index';
  paths: string[];
}

/** What one DICOM file holds. */
export interface IndexedHeader {
  header: DicomHeader | null;
  overlay: IndexedOverlay | null;
  /** Series UID of the whole slide that the file is a part of; it is opened with the others of its series. */
  slideSeries: string | null;
}

/** `other` is no DICOM file; it is looked into where archives and other formats are known. */
export type IndexedPath = IndexedHeader | { error: SerialisedError } | 'other';

export async function indexWork({ paths }: IndexWork): Promise<IndexedPath[]> {
  const found: IndexedPath[] = [];
  for (const path of paths) {
    try {
      const start = readStartNow(path);
      const isDicom = sniff(start.bytes.subarray(0, sniffLength)) === 'dicom';
      found.push(isDicom ? await indexStart(path, start) : 'other');
    } catch (error) {
      found.push({ error: serialiseError(error) });
    }
  }
  return found;
}

/** Throws DicomInvalid, NotRecognised for objects without an image, FileNotReadable. */
export async function indexStart(path: string, start: FileStart): Promise<IndexedHeader> {
  const { parsed, size, modifiedMs } = await readHead(path, start);
  if (readText(parsed.dataSet, 'x00080016') === wholeSlideClass)
    return { header: null, overlay: null, slideSeries: readText(parsed.dataSet, 'x0020000e') };
  const overlay = recogniseOverlay(parsed, path);
  const isOutline = overlay?.kind === 'structures';
  return { overlay, header: isOutline ? null : headerOf(parsed, { path, size, modifiedMs }), slideSeries: null };
}

/** In a thread nobody else waits for the disk, and the ways through the event loop take longer than reading. */
function readStartNow(path: string): FileStart {
  try {
    const file = openSync(path, 'r');
    try {
      const { size, mtimeMs: modifiedMs } = fstatSync(file);
      const bytes = Buffer.allocUnsafeSlow(Math.min(size, firstChunkBytes));
      return { bytes: bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)), size, modifiedMs };
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw cause instanceof VerisimError ? cause : notOpened(path, cause);
  }
}
