import { dirname, resolve, sep } from 'node:path';
import type { SkippedFile } from '../../preload/domain.ts';
import type { SlideSummary } from '../../preload/slides.ts';
import { deserialiseError, VerisimError } from '../../preload/errors.ts';
import { unpackArchive, unpackGzip } from './archive.ts';
import { readDicomdir } from './dicom/dicomdir.ts';
import { indexStart } from './dicom/index-work.ts';
import type { IndexedHeader, IndexWork } from './dicom/index-work.ts';
import { readFileStart } from './dicom/read-head.ts';
import type { FileStart } from './dicom/read-head.ts';
import type { DicomHeader } from './dicom/header.ts';
import type { ImagingOptions, IndexedOverlay, IndexedSeries } from './indexed-series.ts';
import { indexNifti } from './nifti/load.ts';
import { readInflatedHead, readStart } from './nifti/read.ts';
import { attachOverlays } from './overlays/attach.ts';
import { dataPath, indexRaw, readRawHeader } from './raw/read-raw.ts';
import { skippedFile } from './skipped.ts';
import { isAnalyzeHead, isNiftiHead, resemblesNifti, sniff, sniffLength } from './sniff.ts';
import { summariseSlide } from './slide/summary.ts';
import { inThreads } from './threads.ts';
import { listFiles } from './walk.ts';

export type { IndexedSeries } from './indexed-series.ts';

const filesAtOnce = 16;
const progressEvery = 50;
/** A few files are read sooner than threads are asked. */
const threadsFromFiles = 64;
const filesPerPiece = 25;

/** `known` series, as the log holds them, take overlays that are opened later. */
export type FindOptions = ImagingOptions & { unpackFolder: string; known?: IndexedSeries[] };

interface Found {
  headers: DicomHeader[];
  overlays: IndexedOverlay[];
  series: IndexedSeries[];
  skipped: SkippedFile[];
  slides: SlideSummary[];
  /** DICOM slides: the first file of each series; the others follow from it. */
  slideSeries: Map<string, string>;
  /** Voxel files that a header names; they are read with it and are no files of their own. */
  companions: Set<string>;
}

/**
 * Indexes files, folders, ZIP archives and DICOMDIRs into series and whole slides; only headers are read. What a file is, its content
 * decides. A single DICOM file brings the other files of its series from its folder. A file that cannot be used is
 * reported in `skipped` with a tagged error and never stops the rest. Throws EmptyFolder where there is no file at all.
 */
export async function findSeries(
  paths: string[],
  options: FindOptions,
): Promise<{ series: IndexedSeries[]; slides: SlideSummary[]; skipped: SkippedFile[] }> {
  const { files, skipped } = await listFiles(paths, options.signal);
  if (files.length === 0 && skipped.length === 0) throw emptyFolder(paths);
  const found = await indexFiles(files, options);
  if (files.length === 1) await addSiblings(found, options);
  for (const file of found.slideSeries.values()) await addSlide(file, found);
  const { series, unused } = attachOverlays(found, options.known ?? []);
  const slides = found.slides.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return { series: [...series, ...found.series], slides, skipped: [...skipped, ...found.skipped, ...unused] };
}

async function indexFiles(files: string[], options: FindOptions): Promise<Found> {
  const found: Found = {
    headers: [],
    overlays: [],
    series: [],
    skipped: [],
    slides: [],
    slideSeries: new Map(),
    companions: new Set(),
  };
  const seen = new Set(files);
  const queue = files.length < threadsFromFiles ? [...files] : await indexInThreads(files, found, options);
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < queue.length) {
      const path = queue[next++];
      if (path === undefined) return;
      options.signal?.throwIfAborted();
      const more = await indexFile(path, found, options);
      for (const file of more) {
        if (seen.has(file)) continue;
        seen.add(file);
        queue.push(file);
      }
      done++;
      if (done % progressEvery === 0 || done === queue.length) {
        options.onProgress?.({ done, total: queue.length, phase: 'Reading headers' });
      }
    }
  };
  // An archive or a DICOMDIR may add files after workers have run dry, so the round is repeated.
  do await Promise.all(Array.from({ length: filesAtOnce }, work));
  while (next < queue.length);
  found.headers.sort((a, b) => (a.path < b.path ? -1 : 1));
  found.skipped = found.skipped.filter(({ path }) => !found.companions.has(path));
  return found;
}

/** The DICOM images of many files, on every core; returns the files that are something else or lead to others. */
async function indexInThreads(files: string[], found: Found, options: FindOptions): Promise<string[]> {
  const pieces: IndexWork[] = [];
  for (let at = 0; at < files.length; at += filesPerPiece) {
    pieces.push({ kind: 'index', paths: files.slice(at, at + filesPerPiece) });
  }
  const others: string[] = [];
  let done = 0;
  await inThreads(pieces, {
    signal: options.signal,
    take: (answers, { paths }) => {
      for (const [i, path] of paths.entries()) {
        const answer = answers[i] ?? 'other';
        if (answer === 'other' || ('error' in answer && answer.error.details.found === 'a DICOMDIR')) others.push(path);
        else if ('error' in answer) found.skipped.push(skippedFile(path, deserialiseError(answer.error)));
        else keep(answer, path, found);
      }
      done += paths.length;
      options.onProgress?.({ done, total: files.length, phase: 'Reading headers' });
    },
  });
  return others.sort();
}

function keep({ header, overlay, slideSeries }: IndexedHeader, path: string, found: Found): void {
  if (slideSeries !== null) {
    const first = found.slideSeries.get(slideSeries);
    if (first === undefined || path < first) found.slideSeries.set(slideSeries, path);
  }
  if (overlay !== null) found.overlays.push(overlay);
  if (header !== null) found.headers.push(header);
}

/** Files into `found`, an error into `found.skipped`; returns further files that the file leads to. */
async function indexFile(path: string, found: Found, options: FindOptions): Promise<string[]> {
  try {
    const start = await readFileStart(path);
    const head = start.bytes.subarray(0, sniffLength);
    const kind = sniff(head);
    if (kind === 'zip') return await openArchive(path, options);
    if (kind === 'tiff') {
      found.slides.push(await summariseSlide(path));
      return [];
    }
    if (kind === 'raw') {
      found.series.push(await indexRaw(path));
      found.companions.add(dataPath(path, await readRawHeader(path)));
      return [];
    }
    const inflated = kind === 'gzip' ? await readInflatedHead(path, sniffLength) : head;
    if (kind === 'gzip' && sniff(inflated) === 'dicom') return [await unpackGzip(path, options.unpackFolder)];
    if (isAnalyzeHead(inflated) && /\.hdr(\.gz)?$/i.test(path)) {
      found.series.push(await indexNifti(path));
      return [];
    }
    if (kind === 'nifti' || isNiftiHead(inflated) || (kind !== 'dicom' && resemblesNifti(inflated))) {
      found.series.push(await indexNifti(path));
      return [];
    }
    if (kind === 'dicom') return await indexDicom(path, start, found);
    const pairHeader = await headerOfPair(path);
    if (pairHeader === null) throw notRecognised(path, head);
    return [pairHeader];
  } catch (error) {
    options.signal?.throwIfAborted();
    found.skipped.push(skippedFile(path, error));
  }
  return [];
}

/** Archives inside archives stay closed, which also ends archives that contain themselves. */
async function openArchive(path: string, options: FindOptions): Promise<string[]> {
  if (path.startsWith(resolve(options.unpackFolder) + sep)) {
    throw new VerisimError(
      'NotRecognised',
      `"${path}" is an archive inside an archive and was left out. Unpack it and open what it holds.`,
      { path, expected: 'images', found: 'a ZIP archive inside another' },
    );
  }
  const folder = await unpackArchive(path, options.unpackFolder, options);
  const { files } = await listFiles([folder], options.signal);
  if (files.length > 0) return files;
  throw new VerisimError('ArchiveInvalid', `"${path}" is a ZIP archive without files.`, {
    path,
    expected: 'an archive with images',
    found: 'no files',
  });
}

/** A slide that cannot be read is reported once, by the file that it was opened through. */
async function addSlide(path: string, found: Found): Promise<void> {
  try {
    found.slides.push(await summariseSlide(path));
  } catch (error) {
    found.skipped.push(skippedFile(path, error));
  }
}

async function indexDicom(path: string, start: FileStart, found: Found): Promise<string[]> {
  try {
    keep(await indexStart(path, start), path, found);
    return [];
  } catch (error) {
    if (!(error instanceof VerisimError) || error.details.found !== 'a DICOMDIR') throw error;
    const directory = await readDicomdir(path);
    if (directory === null) throw error;
    found.skipped.push(...directory.missing.map((file) => skippedFile(file, missingFile(path, file))));
    return directory.found;
  }
}

/** People choose one slice and expect its series (others in the folder stay closed). */
async function addSiblings(found: Found, options: FindOptions): Promise<void> {
  const [chosen] = [...found.headers, ...found.overlays];
  if (chosen === undefined || found.headers.length > 1) return;
  const wanted = new Set([found.headers[0]?.seriesUid, ...found.overlays.flatMap(({ seriesUids }) => seriesUids)]);
  const { files } = await listFiles([dirname(chosen.path)], options.signal);
  const beside = files.filter((file) => file !== chosen.path && dirname(file) === dirname(chosen.path));
  const others = await indexFiles(await onlyDicom(beside), options);
  found.headers.push(...others.headers.filter(({ seriesUid }) => wanted.has(seriesUid)));
}

async function onlyDicom(files: string[]): Promise<string[]> {
  const dicom: string[] = [];
  for (const file of files) {
    const head = await readStart(file, sniffLength).catch(() => null);
    if (head !== null && sniff(head) === 'dicom') dicom.push(file);
  }
  return dicom;
}

/** The header of which a file is the .img: the two are one series, whichever was chosen. */
async function headerOfPair(path: string): Promise<string | null> {
  const match = /^(.*)\.img(\.gz)?$/i.exec(path);
  for (const ending of match === null ? [] : ['.hdr', '.hdr.gz', '.HDR', '.HDR.gz']) {
    const file = `${match?.[1]}${ending}`;
    const head = await readInflatedHead(file, sniffLength).catch(() => null);
    if (head !== null && (isNiftiHead(head) || isAnalyzeHead(head))) return file;
  }
  return null;
}

function notRecognised(path: string, head: Uint8Array): VerisimError {
  const isText = head.length > 0 && head.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
  const found = head.length === 0 ? 'an empty file' : isText ? 'text' : 'other bytes';
  return new VerisimError(
    'NotRecognised',
    `"${path}" is neither DICOM nor NIfTI, NRRD, MetaImage, TIFF or ZIP: it holds ${found}.`,
    {
      path,
      expected: 'DICOM, NIfTI, NRRD, MetaImage, TIFF or ZIP',
      found,
    },
  );
}

function missingFile(directory: string, file: string): VerisimError {
  return new VerisimError('FileNotReadable', `"${file}" is named by "${directory}" but is not there.`, {
    path: file,
    expected: 'a file that the DICOMDIR names',
    found: 'nothing',
  });
}

function emptyFolder(paths: string[]): VerisimError {
  const path = paths[0] ?? '';
  return new VerisimError('EmptyFolder', `"${path}" holds no files. Choose a folder with DICOM or NIfTI images.`, {
    path,
    expected: 'a folder with files',
    found: 'an empty folder',
  });
}
