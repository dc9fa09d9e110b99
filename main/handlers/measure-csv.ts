import type { MetricValue } from '../../preload/evaluation.ts';
import type { Evaluation } from '../../preload/measure.ts';

const columns = [
  'cohort',
  'class',
  'metric',
  'value',
  'low',
  'high',
  'n_real',
  'n_synthetic',
  'floor',
  'floor_low',
  'floor_high',
  'floor_n',
  'at_floor_n',
  'excess',
  'excess_low',
  'excess_high',
  'extractor',
  'note',
];

/** One line for each metric of each cohort, overall and by class. RFC 4180, UTF-8; an empty cell is a value that is not given. */
export function evaluationCsv({ cohorts }: Evaluation): string {
  const rows = cohorts.flatMap(({ name, result }) => [
    ...Object.entries(result.metrics).map(([metric, value]) => [name, '', metric, ...cellsOf(value)]),
    ...result.classes.flatMap(({ label, metrics }) =>
      Object.entries(metrics).map(([metric, value]) => [name, label, metric, ...cellsOf(value)]),
    ),
    ...signatureRows(name, result.failureSignatures),
  ]);
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cellsOf({ value, low, high, n, floor, atFloor, extractor, note }: MetricValue): (string | number | null)[] {
  return [
    ...[value, low, high, n.real, n.synthetic],
    ...[floor?.value ?? null, floor?.low ?? null, floor?.high ?? null, atFloor?.n ?? null, atFloor?.value ?? null],
    ...[atFloor?.excess.value ?? null, atFloor?.excess.low ?? null, atFloor?.excess.high ?? null],
    ...[extractor, note],
  ];
}

function signatureRows(
  cohort: string,
  signatures: Evaluation['cohorts'][number]['result']['failureSignatures'],
): (string | number | null)[][] {
  if (signatures === null) return [];
  const empty = columns.slice(4).map(() => null);
  return (['checkerboard', 'overSmoothing', 'lowLaplacian', 'grain'] as const).map((name) => [
    ...[cohort, '', `${name} AUC`, signatures[name].auc],
    ...empty,
  ]);
}

/** A formula in a cell would be run by a spreadsheet: text that begins like one is quoted with an apostrophe. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
