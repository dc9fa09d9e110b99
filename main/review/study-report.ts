import type { Interval } from '../../preload/domain.ts';
import type { ReaderResult, ReviewResult } from '../../preload/review.ts';

/** The result as one page that needs nothing else: no scripts, no images, no network. */
export function studyReport(result: ReviewResult): string {
  const { title, question, designSha256, readers, several, agreement, sessions, groups, groupsNote } = result;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${text(title)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{font:14px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
table{border-collapse:collapse;margin:.5rem 0 1.5rem;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.3rem 1rem .3rem 0;border-bottom:1px solid #ddd;vertical-align:top}
h2{font-size:1.05rem;margin-top:2rem}.muted{color:#666}</style></head><body>
<h1>${text(title)}</h1>
<p class="muted">Question: ${text(question)}. Frozen design ${text(designSha256)}. ${readers.length} readings.</p>
${result.notes.map((note) => `<p class="muted">${text(note)}</p>`).join('\n')}
<h2>Readers</h2>${table(
    [
      'Reader',
      'Session',
      'Cases',
      'Right',
      'p against chance (Holm)',
      'Equivalent to chance',
      'Sensitivity',
      'Specificity',
      'd′',
      'AUC (DeLong)',
      'AUC (binormal)',
      'Seconds a case',
      'Agreement with oneself',
    ],
    readers.map(readerRow),
  )}
${
  several === null
    ? ''
    : `<h2>${several.readers} readers together (${several.figure}, readers and cases random)</h2>${table(
        ['Method', 'Value', '95 % interval', 'p', 'Degrees of freedom'],
        several.estimates.map(({ method, value, low, high, pValue, degrees }) => [
          method,
          number(value),
          `${number(low)} to ${number(high)}`,
          p(pValue),
          degrees === null ? 'normal' : degrees.toFixed(1),
        ]),
      )}<p>${several.equivalence === null ? '' : equivalence(several.equivalence)}</p>`
}
${
  agreement === null
    ? ''
    : `<h2>Agreement</h2>${table(
        ['Measure', 'Value'],
        [
          ['Fleiss κ', optional(agreement.fleissKappa)],
          ['Krippendorff α', optional(agreement.krippendorffAlpha)],
          ...agreement.cohenKappa.map(({ readers: [a, b], kappa }) => [`Cohen κ, ${a} and ${b}`, number(kappa)]),
        ],
      )}`
}
${
  sessions.length === 0
    ? ''
    : `<h2>Second session against the first</h2>${table(
        ['Method', 'Difference', '95 % interval', 'p'],
        sessions.map(({ method, difference, low, high, pValue }) => [
          method,
          number(difference),
          low === null || high === null ? '' : `${number(low)} to ${number(high)}`,
          p(pValue),
        ]),
      )}`
}
<h2>By class and model family</h2>${
    groups.length === 0
      ? ''
      : table(
          ['Group', 'Answers', 'Right', 'Odds ratio', '95 % interval', 'p (Holm)'],
          groups.map(({ group, n, right, oddsRatio, low, high, holmPValue }) => [
            group,
            String(n),
            String(right),
            number(oddsRatio),
            `${number(low)} to ${number(high)}`,
            p(holmPValue),
          ]),
        )
  }
<p class="muted">${text(groupsNote)}</p>
<h2>Cases</h2>${table(
    ['Case', 'Images', 'Truth', 'Right', 'Mean score'],
    result.items.map(({ item, images, rightShare, meanScore }) => [
      String(item + 1),
      images.map(({ title: name }) => name).join('; '),
      images.map(({ truth }) => truth).join('; '),
      rightShare === null ? '' : `${Math.round(100 * rightShare)} %`,
      meanScore === null ? '' : meanScore.toFixed(2),
    ]),
  )}
<p class="muted">Synthetic is the positive class. Written by Verisim.</p></body></html>
`;
}

function readerRow(one: ReaderResult): string[] {
  return [
    `${one.reader.pseudonym}${one.reader.specialty === '' ? '' : `, ${one.reader.specialty}`}${one.reader.yearsOfExperience === null ? '' : `, ${one.reader.yearsOfExperience} years`}`,
    String(one.session),
    String(one.n),
    interval(one.accuracy, percent),
    one.holmPValue === null ? '' : p(one.holmPValue),
    one.equivalence === null ? '' : equivalence(one.equivalence),
    interval(one.sensitivity, percent),
    interval(one.specificity, percent),
    one.dPrime === null
      ? ''
      : `${one.dPrime.dPrime.toFixed(2)} (${one.dPrime.low.toFixed(2)} to ${one.dPrime.high.toFixed(2)})`,
    interval(one.auc, number),
    interval(one.binormal?.area ?? null, number),
    one.medianSecondsPerCase.toFixed(1),
    one.repeats === null ? '' : `${interval(one.repeats.agreement, percent)}, κ ${optional(one.repeats.kappa)}`,
  ];
}

const number = (value: number) => (Number.isFinite(value) ? value.toFixed(3) : 'not finite');
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const optional = (value: number | null) => (value === null ? 'not defined' : number(value));
const p = (value: number) => (value < 0.001 ? '< 0.001' : value.toFixed(3));
const interval = (value: Interval | null, write: (value: number) => string) =>
  value === null ? '' : `${write(value.value)} (${write(value.low)} to ${write(value.high)}; n = ${value.n})`;
const equivalence = ({ margin, pValue, equivalent }: { margin: number; pValue: number; equivalent: boolean }) =>
  `${equivalent ? 'Within' : 'Not shown to lie within'} ${percent(margin)} of chance, p ${p(pValue)}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${text(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('')}</tbody></table>`;
}

const text = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
