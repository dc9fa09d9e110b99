import { measureNames, type MeasureName, type MetricValue } from '../../preload/evaluation.ts';
import { type Cohort, type Evaluation, metricFacts, type VerdictLevel } from '../../preload/measure.ts';
import { escaped, metricSvg, spectrumSvg } from './measure-svg.ts';

/** One page without scripts and without anything from outside: `pictures` are data addresses by name. */
export function evaluationHtml(evaluation: Evaluation, pictures: ReadonlyMap<string, string>): string {
  const { cohorts, real, training, measuredAt, methods, reporting, runId } = evaluation;
  const title = `${cohorts.map(({ name }) => name).join(', ')} against ${real}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="digitalSourceType" content="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia">
<style>${style}</style></head><body>
<h1>${escaped(title)}</h1>
<p class="muted">Measured ${escaped(measuredAt.slice(0, 16).replace('T', ' '))} UTC, run ${escaped(runId)}. Copies were looked for in ${training === null ? 'the real set' : escaped(training)}. For research, not for diagnosis.</p>
${cohorts.map((cohort) => cohortSection(cohort, pictures)).join('')}
<h2>The numbers side by side</h2>${chartSections(cohorts)}
<h2>Methods</h2><p>${escaped(methods)}</p>
<h2>Reporting items</h2>
<p class="muted">What the log can fill in; the rest is for the authors. CLAIM: numbers of the 2024 update (Tejani et al.), in brackets those of 2020 (Mongan, Moy and Kahn). MI-CLAIM-GEN: parts as in Miao et al. 2025.</p>
${table(
  ['Guideline', 'Item', 'Asks for', 'Text'],
  reporting.map(({ guideline, item, asks, text }) => [guideline, item, asks, text]),
)}
</body></html>
`;
}

function cohortSection({ name, result, verdicts }: Cohort, pictures: ReadonlyMap<string, string>): string {
  const { warnings, originality, failureSignatures, extractor, n } = result;
  const spectrum = spectrumSvg({ name, result, verdicts });
  const shown = originality.nearest.filter(({ picture }) => pictures.has(picture));
  return `<section><h2>${escaped(name)}</h2>
<p class="muted">${n.synthetic} synthetic and ${n.real} real images, ${escaped(extractor.id)} ${escaped(extractor.version)}, ${extractor.width} features.</p>
${warnings.map((warning) => `<p class="note">${escaped(warning)}</p>`).join('')}
${verdicts
  .map(
    ({ title, level, sentence, evidence, advice }) =>
      `<h3>${escaped(title)} <span class="${level}">${levelWords[level]}</span></h3><p>${escaped(sentence)}</p><ul>${[...evidence, ...advice].map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`,
  )
  .join('')}
${metricTable(result.metrics)}
${result.classes.map(({ label, metrics }) => `<h3>Class ${escaped(label)}</h3>${metricTable(metrics)}`).join('')}
${
  failureSignatures === null
    ? ''
    : `<h3>Failure signatures</h3>${table(
        ['Signature', 'Synthetic', 'Real', 'AUC', 'Beyond 95 % of the real'],
        (['checkerboard', 'overSmoothing', 'lowLaplacian', 'grain'] as const).map((one) => {
          const { synthetic, real, auc, beyondReal } = failureSignatures[one];
          return [one, synthetic.toFixed(3), real.toFixed(3), auc.toFixed(3), `${Math.round(beyondReal * 100)} %`];
        }),
      )}${spectrum ?? ''}`
}
${
  shown.length === 0
    ? ''
    : `<h3>Most like a real image</h3><p class="muted">Left the synthetic image, right its nearest real neighbour.</p><div class="pairs">${shown
        .map(
          ({ picture, synthetic, real, score, suspect }) =>
            `<figure${suspect ? ' class="suspect"' : ''}><img alt="${escaped(`${synthetic} beside ${real}`)}" src="${pictures.get(picture) ?? ''}"><figcaption>${score.toFixed(3)}${suspect ? ' suspect' : ''}<br>${escaped(synthetic)}<br>${escaped(real)}</figcaption></figure>`,
        )
        .join('')}</div>`
}</section>`;
}

function chartSections(cohorts: readonly Cohort[]): string {
  return measureNames
    .map((name) => {
      const svg = metricSvg(name, cohorts);
      const { title, says, better } = metricFacts[name];
      return svg === null
        ? ''
        : `<h3>${title}</h3><p class="muted">${says}; ${better} is better. Ring: as many images as the floor has; grey: real against real.</p>${svg}`;
    })
    .join('');
}

function metricTable(metrics: Partial<Record<MeasureName, MetricValue>>): string {
  const rows = measureNames.flatMap((name) => {
    const metric = metrics[name];
    if (metric === undefined) return [];
    const { title, digits } = metricFacts[name];
    const number = (value: number | null | undefined): string => value?.toFixed(digits) ?? '–';
    const { value, low, high, n, floor, atFloor, note } = metric;
    return [
      [
        title,
        number(value),
        low === null || high === null ? '–' : `${number(low)} to ${number(high)}`,
        `${n.real}, ${n.synthetic}`,
        atFloor === null ? '–' : `${number(atFloor.value)} (n = ${atFloor.n})`,
        number(floor?.value),
        atFloor === null ? '–' : `${number(atFloor.excess.low)} to ${number(atFloor.excess.high)}`,
        note,
      ],
    ];
  });
  return table(
    ['Metric', 'Value', '95 %', 'n real, synthetic', 'At the floor’s n', 'Floor', 'Difference, 95 % of halves', 'Note'],
    rows,
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<table><thead><tr>${head.map((one) => `<th scope="col">${escaped(one)}</th>`).join('')}</tr></thead><tbody>${rows
    .map(
      (row) =>
        `<tr>${row.map((one, at) => (at === 0 ? `<th scope="row">${escaped(one)}</th>` : `<td>${escaped(one)}</td>`)).join('')}</tr>`,
    )
    .join('')}</tbody></table>`;
}

const levelWords: Record<VerdictLevel, string> = {
  good: 'no difference found',
  mixed: 'some difference',
  poor: 'clear difference',
  open: 'cannot be told',
};

const style = `body{font:14px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
h2{margin-top:2.5rem;font-size:1.15rem}h3{font-size:1rem;margin:1.5rem 0 .2rem}.muted{color:#666}.note{border-left:3px solid #999;padding-left:.6rem}
table{border-collapse:collapse;margin:.5rem 0 1rem;font-size:12.5px;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.25rem .8rem .25rem 0;border-bottom:1px solid #ddd;vertical-align:top;font-weight:400}thead th{color:#666}
h3 span{font-size:11px;font-weight:600;border:1px solid #999;border-radius:4px;padding:0 .4rem;margin-left:.4rem}.good{border-color:#1a7f4b;color:#1a7f4b}.poor{border-color:#b3261e;color:#b3261e}.mixed{border-color:#555}
.pairs{display:flex;flex-wrap:wrap;gap:12px}figure{margin:0;width:200px}figure img{width:200px;border:3px solid #f0b13c}figure.suspect img{border-color:#b3261e}figcaption{font-size:11px;overflow-wrap:anywhere}
ul{margin:.2rem 0 .6rem;padding-left:1.2rem}svg{max-width:720px;width:100%;font-family:inherit}`;
