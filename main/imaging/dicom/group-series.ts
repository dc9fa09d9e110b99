import { createHash } from 'node:crypto';
import type { SeriesSummary } from '../../../preload/domain.ts';
import type { IndexedFile, IndexedSeries } from '../indexed-series.ts';
import { arrangeFrames } from './arrange.ts';
import type { Arrangement, FrameEntry } from './arrange.ts';
import type { DicomHeader } from './header.ts';

/**
 * Sorts headers into series that can each be one volume: one Series Instance UID, SOP class, size, colour and
 * orientation; where positions repeat, one Image Type. Localisers in several planes come out apart. Ids are stable:
 * they hash the UID and what sets the part apart, never paths.
 */
export function groupSeries(headers: DicomHeader[]): IndexedSeries[] {
  const { unique, repeated } = dropRepeated(headers);
  const groups = new Map<string, FrameEntry[][]>();
  for (const entry of unique.flatMap(entriesOf)) {
    const parts = groups.get(keyOf(entry)) ?? [];
    groups.set(keyOf(entry), parts);
    const part = parts.find(([first]) => first !== undefined && isSameOrientation(first, entry));
    if (part === undefined) parts.push([entry]);
    else part.push(entry);
  }
  return [...groups.values()]
    .flat()
    .flatMap(splitByImageType)
    .map((part) => indexSeries(part, repeated))
    .toSorted((a, b) => (a.summary.seriesNumber ?? 0) - (b.summary.seriesNumber ?? 0));
}

export function entriesOf(header: DicomHeader): FrameEntry[] {
  return header.frames.map((frame, frameIndex) => ({ header, frameIndex, frame }));
}

function dropRepeated(headers: DicomHeader[]): { unique: DicomHeader[]; repeated: Map<string, number> } {
  const seen = new Set<string>();
  const repeated = new Map<string, number>();
  const unique = headers.filter(({ sopInstanceUid, seriesUid, frames }) => {
    // Some anonymisers give all slices one UID: a copy also has the place and the numbers of the original.
    const key = JSON.stringify([seriesUid, sopInstanceUid, frames.length, frames[0]?.positionLps, frames[0]?.order]);
    if (sopInstanceUid === '' || !seen.has(key)) {
      seen.add(key);
      return true;
    }
    repeated.set(seriesUid, (repeated.get(seriesUid) ?? 0) + 1);
    return false;
  });
  return { unique, repeated };
}

function keyOf({ header, frame }: FrameEntry): string {
  const { format } = header;
  const unplacedCine = frame.positionLps === null && format.frameCount > 1;
  return [
    header.seriesUid,
    header.sopClassUid,
    `${format.columns}x${format.rows}x${format.samplesPerPixel}`,
    frame.positionLps === null ? 'unplaced' : 'placed',
    unplacedCine ? header.sopInstanceUid : '',
  ].join('|');
}

function isSameOrientation(a: FrameEntry, b: FrameEntry): boolean {
  const [one, other] = [a.frame.orientation, b.frame.orientation];
  if (one === null || other === null) return one === other;
  return one.every((value, i) => Math.abs(value - (other[i] ?? 0)) < 2e-3);
}

/** What becomes one series; `imageType` where that is what sets it apart. */
interface Part {
  entries: FrameEntry[];
  imageType: string;
}

/** Magnitude and phase, or the images of a Dixon series, share positions: each type is a volume of its own. */
function splitByImageType(entries: FrameEntry[]): Part[] {
  const types = Map.groupBy(entries, ({ header }) => header.imageType);
  if (types.size < 2) return [{ entries, imageType: '' }];
  const positions = new Set(entries.map(({ frame }) => frame.positionLps?.map((v) => v.toFixed(2)).join()));
  if (positions.size === entries.length) return [{ entries, imageType: '' }];
  return [...types].map(([imageType, members]) => ({ entries: members, imageType }));
}

function indexSeries({ entries, imageType }: Part, repeated: Map<string, number>): IndexedSeries {
  const arrangement = arrangeFrames(entries);
  const first = arrangement.entries[0] ?? entries[0];
  if (first === undefined) throw new RangeError('a series without images');
  const { header, frame } = first;
  const dropped = repeated.get(header.seriesUid) ?? 0;
  if (dropped > 0) arrangement.warnings.push(`${dropped} repeated file${dropped === 1 ? ' was' : 's were'} left out.`);
  const orientation = frame.orientation?.map((value) => value.toFixed(3).replace('-0.000', '0.000')).join() ?? '';
  const files = filesOf(arrangement);
  return {
    summary: summarise({
      id: shortHash([keyOf(first), orientation, imageType].join('|')),
      header,
      arrangement,
      files,
    }),
    files,
  };
}

function filesOf(arrangement: Arrangement): IndexedFile[] {
  const byPath = Map.groupBy(arrangement.entries, ({ header }) => header.path);
  return [...byPath.values()].flatMap((members) => {
    const header = members[0]?.header;
    if (header === undefined) return [];
    const file = { path: header.path, frameCount: members.length, modifiedMs: header.modifiedMs, size: header.size };
    if (members.length === header.frames.length) return [file];
    return [{ ...file, frames: members.map(({ frameIndex }) => frameIndex).toSorted((a, b) => a - b) }];
  });
}

function summarise(options: {
  id: string;
  header: DicomHeader;
  arrangement: Arrangement;
  files: IndexedFile[];
}): SeriesSummary {
  const { id, header, arrangement, files } = options;
  return {
    id,
    format: 'dicom',
    modality: header.modality,
    description: header.description,
    patientName: header.patientName,
    patientId: header.patientId,
    studyId: shortHash(header.studyUid),
    studyDescription: header.studyDescription,
    studyDate: header.studyDate,
    seriesNumber: header.seriesNumber,
    columns: header.format.columns,
    rows: header.format.rows,
    slices: arrangement.slices,
    frames: arrangement.frames,
    spacingMm: arrangement.spacingMm,
    originLps: arrangement.originLps,
    directionLps: arrangement.directionLps,
    transferSyntax: header.format.transferSyntaxUid,
    synthetic: arrangement.entries.some((entry) => entry.header.synthetic),
    fileCount: files.length,
    warnings: arrangement.warnings,
  };
}

/** 16 hexadecimal digits of SHA-256. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
