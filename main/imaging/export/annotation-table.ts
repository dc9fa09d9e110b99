import type { Annotation } from '../../../preload/annotations.ts';
import type { SeriesSummary } from '../../../preload/domain.ts';

type Cell = string | number | undefined;

/** One row for each annotation, as CSV (RFC 4180: CRLF, quotes doubled). Units stand in their own columns. */
export function annotationTable(series: SeriesSummary, annotations: readonly Annotation[]): string {
  const rows = annotations.map((annotation) => Object.values(columns).map((read) => quoted(read(annotation, series))));
  return [Object.keys(columns), ...rows].map((cells) => `${cells.join(',')}\r\n`).join('');
}

const columns: Record<string, (annotation: Annotation, series: SeriesSummary) => Cell> = {
  id: ({ id }) => id,
  patient_id: (_, { patientId }) => patientId,
  study: (_, { studyDescription }) => studyDescription,
  study_date: (_, { studyDate }) => studyDate,
  series: (_, { description }) => description,
  modality: (_, { modality }) => modality,
  synthetic: (_, { synthetic }) => (synthetic ? 'yes' : 'no'),
  kind: ({ kind }) => kind,
  label: ({ label }) => label,
  slice: ({ sliceIndex }) => sliceIndex + 1,
  length: ({ measured }) => measured?.length,
  length_unit: ({ measured }) => (measured?.length === undefined ? undefined : measured.lengthUnit),
  angle_degrees: ({ measured }) => measured?.angleDegrees,
  area: ({ measured }) => measured?.area,
  area_unit: ({ measured }) => (measured?.area === undefined ? undefined : `${measured.lengthUnit}2`),
  voxels: ({ measured }) => measured?.voxels,
  mean: ({ measured }) => measured?.mean,
  standard_deviation: ({ measured }) => measured?.standardDeviation,
  minimum: ({ measured }) => measured?.minimum,
  maximum: ({ measured }) => measured?.maximum,
  value: ({ measured }) => measured?.value,
  value_unit: ({ measured }) => measured?.unit,
  points_lps_mm: ({ pointsLps }) =>
    pointsLps.map((point) => point.map((value) => value.toFixed(4)).join(' ')).join('; '),
  created_at: ({ createdAt }) => createdAt,
};

/** A text that a spreadsheet would take for a formula is set off with an apostrophe. */
function quoted(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
