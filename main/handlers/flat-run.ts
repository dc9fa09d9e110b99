import type { RunDetail } from '../../preload/domain.ts';

/** Nested parameters under dotted names; lists as JSON. */
export function flatParameters({
  parameters,
}: Pick<RunDetail, 'parameters'>): Record<string, string | number | boolean> {
  const flat: Record<string, string | number | boolean> = {};
  walk(parameters, '', (name, value) => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') flat[name] = value;
    else if (Array.isArray(value)) flat[name] = JSON.stringify(value);
  });
  return flat;
}

/** Every single number of the result and the timings; lists hold cases, and the facts of the model are inputs. */
export function flatResults({ result, timings, peakRssMb }: RunDetail): Record<string, number> {
  const flat: Record<string, number> = {};
  walk(result, '', (name, value) => {
    if (typeof value === 'number' && Number.isFinite(value) && !name.startsWith('model.')) flat[name] = value;
  });
  for (const [name, seconds] of Object.entries(timings)) flat[`seconds.${name}`] = seconds;
  if (peakRssMb !== null) flat.peakRssMb = peakRssMb;
  return flat;
}

function walk(value: unknown, prefix: string, leaf: (name: string, value: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, one] of Object.entries(value)) {
    if (typeof one === 'object' && one !== null && !Array.isArray(one)) walk(one, `${prefix}${name}.`, leaf);
    else leaf(`${prefix}${name}`, one);
  }
}
