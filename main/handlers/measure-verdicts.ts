import type { EvaluationResult, MeasureName, MetricValue } from '../../preload/evaluation.ts';
import { metricFacts, type Verdict, type VerdictLevel } from '../../preload/measure.ts';
import { signatureVerdict } from './measure-signatures.ts';

/** What the numbers say, for somebody who never met the measures, with the numbers behind it. */
export function verdictsOf(result: EvaluationResult, facts: { trainingGiven: boolean }): Verdict[] {
  const classes = classVerdict(result);
  return [
    qualityVerdict(result),
    diversityVerdict(result),
    originalityVerdict(result, facts),
    signatureVerdict(result.failureSignatures),
    ...(classes === null ? [] : [classes]),
  ];
}

/** A distance this many times that of real images among themselves is a clear difference. */
const clearRatio = 2;
const fewForSmallDifferences = 150;
/** As large a part of what real images reach is nearly the same. */
const nearlyShare = 0.9;

function qualityVerdict({ metrics }: EvaluationResult): Verdict {
  const title = 'How close to real';
  const name = (['fid', 'kid', 'mmd'] as const).find((one) => metrics[one].atFloor !== null);
  if (name === undefined) {
    const { note } = metrics.kid;
    const sentence = `This cannot be told from so few images. ${note}`;
    return { id: 'quality', level: 'open', title, sentence, evidence: [], advice: [moreImages] };
  }
  const { floor, atFloor } = metrics[name];
  const { value, n, excess } = atFloor!;
  const ratio = value / floor!.value;
  const level: VerdictLevel =
    excess.low <= 0 ? 'good' : name === 'fid' && ratio < clearRatio ? 'mixed' : excess.high <= 0 ? 'good' : 'poor';
  const { title: measure } = metricFacts[name];
  const sentence = {
    good: 'To this extractor the synthetic set is no farther from the real one than real images of other patients are.',
    mixed:
      'The synthetic set is farther from the real one than real images of other patients are, by less than as much again.',
    poor: `The synthetic set is clearly farther from the real one than real images of other patients are${name === 'fid' ? `: ${ratio.toFixed(1)} times` : ''}.`,
    open: '',
  }[level];
  const evidence = [
    `${measure} ${number(name, value)} at n = ${n} on each side; real against real at the same n ${number(name, floor!.value)}; difference ${number(name, excess.value)} (95 % of halves ${number(name, excess.low)} to ${number(name, excess.high)}).`,
    ...(['precision', 'density'] as const).map((one) => evidenceOf(one, metrics[one])),
  ];
  const advice =
    level === 'good'
      ? [
          ...(n < fewForSmallDifferences
            ? [`With ${n} images on each side only large differences would have been found. ${moreImages}`]
            : []),
          'An extractor is blind to what it was not trained to see: look at the failure signatures and at the images.',
        ]
      : ['More steps or training may help; the failure signatures say what kind of difference it is.'];
  return { id: 'quality', level, title, sentence, evidence, advice };
}

function diversityVerdict({ metrics }: EvaluationResult): Verdict {
  const title = 'How varied';
  const { recall, coverage, msSsim } = metrics;
  const evidence = [evidenceOf('recall', recall), evidenceOf('coverage', coverage), likenessOf(msSsim)];
  if (recall.atFloor === null || recall.floor === null)
    return {
      ...{ id: 'diversity', level: 'open', title, evidence: evidence.slice(2), advice: [moreImages] },
      sentence: `This cannot be told from so few images. ${recall.note}`,
    };
  const share = Math.min(
    recall.atFloor.value / recall.floor.value,
    coverage.atFloor === null || coverage.floor === null ? 1 : coverage.atFloor.value / coverage.floor.value,
  );
  const level: VerdictLevel = share >= nearlyShare ? 'good' : share >= 0.7 ? 'mixed' : 'poor';
  const sentence = {
    good: 'The synthetic set covers nearly as much of the variety of the real one as other real images would.',
    mixed: `The synthetic set covers ${percent(share)} of the variety that other real images would cover.`,
    poor: `Much of the variety of the real set is missing: other real images would cover it, the synthetic ones cover ${percent(share)} of that.`,
    open: '',
  }[level];
  const advice =
    level === 'good' ? [] : ['Lower guidance, other seeds or a balanced mix of classes give more variety.'];
  return { id: 'diversity', level, title, sentence, evidence, advice };
}

function originalityVerdict(
  { originality, n }: EvaluationResult,
  { trainingGiven }: { trainingGiven: boolean },
): Verdict {
  const { copies, threshold, searched, synthetic, real, authPct, dataCopying, note } = originality;
  const title = 'How original';
  const evidence = [
    `Highest likeness to one of ${searched} real images ${synthetic.highest.toFixed(3)}, median ${synthetic.median.toFixed(3)}${threshold === null ? '' : `; above ${threshold.toFixed(3)} an image counts as a copy`}.`,
    ...(real === null
      ? []
      : [`Real images of other patients reach ${real.highest.toFixed(3)}, median ${real.median.toFixed(3)}.`]),
    ...(authPct === null
      ? []
      : [`Authentic by distances of features (AuthPct): ${percent(authPct)}; about half is usual for new images.`]),
    ...(dataCopying === null
      ? []
      : [
          `Data-copying test C_T ${dataCopying.value.toFixed(2)} over ${dataCopying.cells} cells; below −3 means nearer to the training images than held-out ones are.`,
        ]),
  ];
  if (threshold === null)
    return { id: 'originality', level: 'open', title, sentence: note, evidence, advice: [moreImages] };
  const advice = trainingGiven
    ? []
    : ['A generator copies its training images. Give them as the training set, so that they are searched too.'];
  if (copies.length > 0) {
    const sentence = `${copies.length} of ${n.synthetic} synthetic images resemble a real one more than images of two patients do. Look at them beside their neighbours before they leave this machine.`;
    return { id: 'originality', level: 'poor', title, sentence, evidence, advice };
  }
  const copying = dataCopying !== null && dataCopying.value < -3;
  const sentence = copying
    ? 'No single image is a copy, yet the images as a whole lie nearer to the training images than new real ones do.'
    : `No copy was found among ${n.synthetic} synthetic images${trainingGiven ? '' : '; the training images were not given, so they were not searched'}.`;
  return {
    id: 'originality',
    level: copying ? 'mixed' : trainingGiven ? 'good' : 'open',
    title,
    sentence,
    evidence,
    advice,
  };
}

function classVerdict({ classes, warnings }: EvaluationResult): Verdict | null {
  if (classes.length < 2) return null;
  const missing = warnings.filter((warning) => /has no image of the class|mix of classes/.test(warning));
  const measured = classes.flatMap(({ label, metrics: { kid } }) =>
    kid.value === null ? [] : [{ label, value: kid.value, n: kid.n.synthetic, kid }],
  );
  const far = measured.filter(({ kid }) => (kid.atFloor?.excess.low ?? 0) > 0);
  const level: VerdictLevel =
    missing.length > 0 ? 'mixed' : measured.length === 0 ? 'open' : far.length > 0 ? 'mixed' : 'good';
  const sentence =
    missing[0] ??
    (measured.length === 0
      ? 'The classes have too few images to be measured one by one.'
      : far.length === 0
        ? 'Each class is as close to its real images as other real images of that class are.'
        : `Farther from their real images than others of that class: ${far.map(({ label }) => label).join(', ')}.`);
  const evidence = measured.map(({ label, value, n, kid }) => {
    const floor = kid.floor === null ? '' : `, real against real ${number('kid', kid.floor.value)}`;
    return `${label}: KID ${number('kid', value)} at n = ${n}${floor}.`;
  });
  return { id: 'classes', level, title: 'Class by class', sentence, evidence, advice: missing.slice(1) };
}

function evidenceOf(name: MeasureName, { value, low, high, floor, atFloor, note }: MetricValue): string {
  const { title } = metricFacts[name];
  if (value === null) return `${title}: ${note}`;
  const interval = low === null || high === null ? '' : ` (95 % ${number(name, low)} to ${number(name, high)})`;
  const beside =
    floor === null || atFloor === null
      ? ''
      : `; at n = ${atFloor.n} ${number(name, atFloor.value)}, real against real ${number(name, floor.value)}`;
  return `${title} ${number(name, value)}${interval}${beside}.`;
}

function likenessOf({ value, floor, note }: MetricValue): string {
  return value === null || floor === null
    ? `MS-SSIM: ${note}`
    : `MS-SSIM of random pairs ${value.toFixed(3)}; of real pairs ${floor.value.toFixed(3)}.`;
}

const moreImages = 'Add images to both sets and measure again.';

function number(name: MeasureName, value: number): string {
  return value.toFixed(metricFacts[name].digits).replace('-', '−');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
