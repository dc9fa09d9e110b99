import type { SeriesSummary } from '../../../preload/domain.ts';
import type { IndexedFile, IndexedSeries } from '../indexed-series.ts';
import { placesOf } from '../slice-origins.ts';
import { arrangeFrames } from './arrange.ts';
import type { Arrangement, FrameEntry } from './arrange.ts';
import { partingKeys } from './frame-order.ts';
import type { DicomHeader } from './header.ts';
import { shortHash } from './short-hash.ts';
import { toUptake } from './suv.ts';

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
    .flatMap(splitUnequal)
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
    header.imageType.split('\\').includes('LOCALIZER') ? 'localiser' : '',
    unplacedCine ? header.sopInstanceUid : '',
  ].join('|');
}

function isSameOrientation(a: FrameEntry, b: FrameEntry): boolean {
  const [one, other] = [a.frame.orientation, b.frame.orientation];
  if (one === null || other === null) return one === other;
  return one.every((value, i) => Math.abs(value - (other[i] ?? 0)) < 2e-3);
}

/** What becomes one series; `apart` is what sets it apart from others of its UID, where something does. */
interface Part {
  entries: FrameEntry[];
  apart: string;
}

/** Magnitude and phase, or the images of a Dixon series, share positions: each type is a volume of its own. */
function splitByImageType(entries: FrameEntry[]): Part[] {
  const types = Map.groupBy(entries, ({ header, frame }) => frame.kind || header.imageType);
  if (types.size < 2 || positionsOf(entries).size === entries.length) return [{ entries, apart: '' }];
  return [...types].map(([apart, members]) => ({ entries: members, apart }));
}

function positionsOf(entries: FrameEntry[]): Map<string, FrameEntry[]> {
  return Map.groupBy(entries, ({ frame }) => frame.positionLps?.map((v) => v.toFixed(2)).join() ?? '');
}

/**
 * Where some places hold more images than others, an echo, b-value, time point or acquisition that is complete by itself is
 * a series of its own, so that no image is left out.
 */
function splitUnequal({ entries, apart }: Part): Part[] {
  const positions = positionsOf(entries);
  const counts = new Set([...positions.values()].map((members) => members.length));
  if (counts.size < 2 || entries.some(({ frame }) => frame.positionLps === null)) return [{ entries, apart }];
  for (const key of partingKeys) {
    const groups = Map.groupBy(entries, ({ frame }) => frame.order[key] ?? 0);
    const isComplete = (members: FrameEntry[]) =>
      new Set([...positionsOf(members).values()].map((there) => there.length)).size === 1;
    if (groups.size < 2 || groups.size > 50 || ![...groups.values()].every(isComplete)) continue;
    return [...groups].map(([value, members]) => ({ entries: members, apart: `${apart}|${key}=${value}` }));
  }
  return [{ entries, apart }];
}

function indexSeries({ entries: stored, apart }: Part, repeated: Map<string, number>): IndexedSeries {
  const { entries, warnings } = toUptake(stored);
  const arrangement = arrangeFrames(entries);
  arrangement.warnings.push(...warnings);
  const first = arrangement.entries[0] ?? entries[0];
  if (first === undefined) throw new RangeError('a series without images');
  const { header, frame } = first;
  const dropped = repeated.get(header.seriesUid) ?? 0;
  if (dropped > 0) arrangement.warnings.push(`${dropped} repeated file${dropped === 1 ? ' was' : 's were'} left out.`);
  const orientation = frame.orientation?.map((value) => value.toFixed(3).replace('-0.000', '0.000')).join() ?? '';
  const files = filesOf(arrangement);
  return {
    summary: summarise({
      id: shortHash([keyOf(first), orientation, apart].join('|')),
      header,
      arrangement,
      files,
    }),
    files,
    uids: { series: header.seriesUid, study: header.studyUid, frameOfReference: header.frameOfReferenceUid },
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
    ...placesOf(arrangement),
    unit: header.unit,
    transferSyntax: header.format.transferSyntaxUid,
    synthetic: arrangement.entries.some((entry) => entry.header.synthetic),
    fileCount: files.length,
    warnings: arrangement.warnings,
  };
}
