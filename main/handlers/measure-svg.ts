import type { MeasureName } from '../../preload/evaluation.ts';
import { type Cohort, metricFacts } from '../../preload/measure.ts';

/** Told apart with every common colour vision deficiency (Okabe and Ito 2008). */
export const cohortColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#8a6d00', '#444444'];

const width = 720;
const rowHeight = 26;
const left = 190;
const right = 24;

/** Value and interval of each cohort, the spread of the floor as a grey band; null where no cohort has the metric. */
export function metricSvg(name: MeasureName, cohorts: readonly Cohort[]): string | null {
  const rows = cohorts.flatMap((cohort, place) => {
    const metric = cohort.result.metrics[name];
    return metric.value === null ? [] : [{ cohort: cohort.name, place, metric, value: metric.value }];
  });
  if (rows.length === 0) return null;
  const floor = rows[0]!.metric.floor;
  const ends = rows.flatMap(({ metric, value }) => [
    ...[value, metric.low ?? value, metric.high ?? value],
    metric.atFloor?.value ?? value,
  ]);
  const all = floor === null ? ends : [...ends, floor.low, floor.high];
  const [low, high] = [Math.min(0, ...all), Math.max(...all)];
  const at = (value: number): number => left + ((value - low) / (high - low || 1)) * (width - left - right);
  const height = rows.length * rowHeight + 44;
  const { title, digits, says } = metricFacts[name];
  const parts = rows.map(({ cohort, place, metric, value }, row) => {
    const y = 18 + row * rowHeight;
    const colour = cohortColours[place % cohortColours.length];
    const interval =
      metric.low === null || metric.high === null
        ? ''
        : `<path d="M${at(metric.low).toFixed(1)} ${y}H${at(metric.high).toFixed(1)}" stroke="${colour}" stroke-width="2"/>`;
    const ring =
      metric.atFloor === null
        ? ''
        : `<circle cx="${at(metric.atFloor.value).toFixed(1)}" cy="${y}" r="5" fill="#fff" stroke="${colour}" stroke-width="1.5"/>`;
    return `${label(left - 8, y + 4, cohort.slice(0, 28), 'end')}${interval}${ring}<circle cx="${at(value).toFixed(1)}" cy="${y}" r="5" fill="${colour}"/>${label(Math.min(width - 40, at(value) + 9), y - 5, value.toFixed(digits), 'start')}`;
  });
  const band =
    floor === null
      ? ''
      : `<rect x="${at(floor.low).toFixed(1)}" y="4" width="${Math.max(2, at(floor.high) - at(floor.low)).toFixed(1)}" height="${rows.length * rowHeight}" fill="#ccc"/>`;
  const foot = `${axis(low, high, at, height - 26)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`${title}: ${says}`)}" font-size="12">${band}${parts.join('')}${foot}</svg>`;
}

/** The mean spectra of both sets: decimal logarithm of power over cycles per pixel. */
export function spectrumSvg({ result, name }: Cohort): string | null {
  if (result.failureSignatures === null) return null;
  const { frequencies, real, synthetic } = result.failureSignatures.spectrum;
  const values = [...real, ...synthetic].filter((value) => value !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [height, bottom] = [240, 36];
  const x = (frequency: number): number => 48 + (frequency / 0.5) * (width - 48 - right);
  const y = (value: number): number => 12 + ((high - value) / (high - low || 1)) * (height - bottom - 12);
  const line = (series: readonly (number | null)[], style: string): string => {
    const points = series.flatMap((value, band) =>
      value === null ? [] : [`${x(frequencies[band]!).toFixed(1)},${y(value).toFixed(1)}`],
    );
    return `<polyline points="${points.join(' ')}" fill="none" ${style}/>`;
  };
  const ticks = [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    .map((tick) => label(x(tick), height - 18, String(tick), 'middle'))
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`Mean spectra of ${name} and of the real set`)}" font-size="12">${line(real, 'stroke="#555" stroke-width="2"')}${line(synthetic, 'stroke="#b45309" stroke-width="2" stroke-dasharray="6 3"')}${ticks}${label(width / 2, height - 3, 'cycles per pixel; grey: real, dashed: synthetic', 'middle')}</svg>`;
}

function axis(low: number, high: number, at: (value: number) => number, y: number): string {
  const step = 10 ** Math.floor(Math.log10((high - low || 1) / 2));
  const size = (high - low) / step > 6 ? step * 2 : step;
  const ticks: string[] = [];
  for (let tick = Math.ceil(low / size) * size; tick <= high + 1e-12; tick += size)
    ticks.push(
      `<path d="M${at(tick).toFixed(1)} ${y}v4" stroke="#777"/>${label(at(tick), y + 16, String(Number(tick.toPrecision(6))), 'middle')}`,
    );
  return `<path d="M${left} ${y}H${width - right}" stroke="#777"/>${ticks.join('')}`;
}

function label(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
