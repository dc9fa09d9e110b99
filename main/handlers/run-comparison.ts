import type { RunDetail } from '../../preload/domain.ts';
import type { ComparedMetric, RunsComparison } from '../../preload/run-log.ts';
import type { Workspace } from './dependencies.ts';

/** What differs between runs, and what was measured in them. Throws UnknownRun. */
export function compareRuns({ log }: Workspace, runIds: string[]): RunsComparison {
  const details = runIds.map((id) => log.runs.detail(id));
  const groups = {
    parameters: details.map(({ parameters }) => leavesOf(parameters)),
    versions: details.map(({ versions }) => new Map(Object.entries(versions))),
    inputs: details.map(({ inputs }) => new Map(inputs.map(({ name, sha256 }) => [name, sha256]))),
  };
  const rows = (['parameters', 'versions', 'inputs'] as const).flatMap((group) =>
    namesOf(groups[group]).map((name) => ({ group, name, values: groups[group].map((one) => one.get(name) ?? null) })),
  );
  const differing = rows.filter(({ values }) => new Set(values).size > 1);
  const measured = details.map(metricsOf);
  return {
    runs: runIds.map((id) => log.runs.row(id)),
    differing,
    equal: rows.length - differing.length,
    metrics: namesOf(measured).map((name) => ({ name, values: measured.map((one) => one.get(name) ?? null) })),
    imageIndices: commonImages(details.filter(({ kind }) => kind === 'generation')),
  };
}

/** In the order in which the runs name them. */
function namesOf(maps: Map<string, unknown>[]): string[] {
  return [...new Set(maps.flatMap((one) => [...one.keys()]))];
}

/** Nested parameters as dotted names; lists as one value. */
function leavesOf(value: Record<string, unknown>, prefix = ''): Map<string, string> {
  const leaves = new Map<string, string>();
  for (const [name, one] of Object.entries(value)) {
    if (isRecord(one)) for (const [inner, text] of leavesOf(one, `${prefix}${name}.`)) leaves.set(inner, text);
    else leaves.set(`${prefix}${name}`, Array.isArray(one) ? JSON.stringify(one) : String(one));
  }
  return leaves;
}

/** Everything with a value and, where there is one, an interval; then the timings. Lists hold cases, not metrics of the run. */
function metricsOf({ result, timings, peakRssMb }: RunDetail): Map<string, ComparedMetric> {
  const found = new Map<string, ComparedMetric>();
  const single = (value: number): ComparedMetric => ({ value, low: null, high: null, n: null });
  const walk = (value: unknown, name: string): void => {
    if (typeof value === 'number' && Number.isFinite(value)) found.set(name, single(value));
    if (!isRecord(value)) return;
    if (typeof value.value === 'number') return void found.set(name, intervalOf(value, value.value));
    for (const [inner, one] of Object.entries(value)) walk(one, name === '' ? inner : `${name}.${inner}`);
  };
  if (isRecord(result)) {
    // Facts of the model are inputs.
    const { model: _model, ...measured } = result;
    walk(measured, '');
  }
  for (const [name, seconds] of Object.entries(timings)) found.set(`${name}, s`, single(seconds));
  if (peakRssMb !== null) found.set('peak memory, MB', single(peakRssMb));
  return found;
}

function intervalOf({ low, high, n }: Record<string, unknown>, value: number): ComparedMetric {
  const number = (one: unknown): number | null => (typeof one === 'number' && Number.isFinite(one) ? one : null);
  return { value, low: number(low), high: number(high), n: number(n) };
}

function commonImages(generations: RunDetail[]): number[] {
  const [first, ...others] = generations.map(({ outputs }) => new Set(outputs.map(({ index }) => index)));
  return [...(first ?? [])].filter((index) => others.every((one) => one.has(index))).sort((a, b) => a - b);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
