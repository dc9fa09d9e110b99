import type { AucValue, Finding, ProbeRow, UsefulnessResult } from '../../preload/usefulness.ts';

/** Less than this of AUC is taken for as good. */
const margin = 0.05;
/** Below it a classifier of real images has hardly learnt anything. */
const leastAuc = 0.55;

type Measured = Pick<UsefulnessResult, 'arms' | 'curve' | 'agreement' | 'labels' | 'n'>;

/** What a test of usefulness says, in plain words with the numbers behind them: instead of real images, beside them, class by class. */
export function usefulnessFindings(measured: Measured): Finding[] {
  return [insteadOfReal(measured), besideReal(measured), agreementFinding(measured)];
}

function insteadOfReal({ arms, n }: Measured): Finding {
  const [real, synthetic] = [armOf(arms, 'real'), armOf(arms, 'synthetic')];
  const difference = synthetic.againstReal!;
  const title = 'Synthetic instead of real';
  const evidence = [
    `Trained on ${synthetic.n.synthetic} synthetic images AUC ${withInterval(synthetic.auc)}, on ${real.n.real} real ones ${withInterval(real.auc)}; difference ${withInterval(difference)}. Tested on ${n.test} real images of ${n.testPatients} patients, resampled by patient.`,
  ];
  const finding = (facts: Pick<Finding, 'level' | 'word' | 'sentence'>, advice: string[] = []): Finding => ({
    ...{ title, evidence, advice },
    ...facts,
  });
  if (!(real.auc.low > leastAuc))
    return finding(
      {
        ...{ level: 'open', word: 'cannot be told' },
        sentence:
          'Even the classifier of real images hardly tells the classes apart, so that nothing follows for synthetic ones.',
      },
      ['Use another extractor or more real images, and check that the classes are right.'],
    );
  if (difference.low > 0)
    return finding({
      ...{ level: 'good', word: 'better than real' },
      sentence: 'A classifier that saw only synthetic images tells real patients apart better than one of real images.',
    });
  if (difference.low >= -margin)
    return finding({
      ...{ level: 'good', word: 'as good as real' },
      sentence: `A classifier that saw only synthetic images tells real patients apart as well as one of real images: at most ${margin} of AUC may be lost.`,
    });
  if (difference.high < 0)
    return finding(
      {
        ...{ level: difference.value < -2 * margin ? 'poor' : 'mixed', word: 'worse than real' },
        sentence: `A classifier that saw only synthetic images is worse on real patients than one of real images, by ${number(-difference.value)} of AUC.`,
      },
      ['Do not train on these synthetic images alone.'],
    );
  return finding(
    {
      ...{ level: 'open', word: 'cannot be told' },
      sentence: 'The interval holds no difference and a large loss: there are too few test patients to tell.',
    },
    ['Test on more patients.'],
  );
}

function besideReal({ arms, curve }: Measured): Finding {
  const difference = armOf(arms, 'both').againstReal!;
  const [none, ...added] = curve;
  const best = added.toSorted((a, b) => b.auc - a.auc)[0];
  const evidence = [
    `Real and synthetic together AUC ${withInterval(armOf(arms, 'both').auc)}; difference from real alone ${withInterval(difference)}.`,
    ...(best === undefined || none === undefined
      ? []
      : [
          `Highest point of the curve: ${best.perReal} synthetic images for each real one, AUC ${number(best.auc)} (${best.draws} draws, ${number(best.smallest)} to ${number(best.largest)}); none added: ${number(none.auc)}. The highest of several points is flattering.`,
        ]),
  ];
  const [level, word, sentence]: [Finding['level'], string, string] =
    difference.low > 0
      ? ['good', 'helps', 'Adding the synthetic images to the real ones makes the classifier better on real patients.']
      : difference.high < 0
        ? ['poor', 'harms', 'Adding the synthetic images to the real ones makes the classifier worse on real patients.']
        : difference.low >= -margin
          ? [
              'mixed',
              'no gain shown',
              'Adding the synthetic images changed nothing that these test patients could show.',
            ]
          : ['open', 'cannot be told', 'Whether adding them helps or harms cannot be told from so few test patients.'];
  const advice =
    level === 'good' ? [] : ['The fewer real images there are, the more synthetic ones may add: look at the curve.'];
  return { title: 'Synthetic beside real', level, word, sentence, evidence, advice };
}

function agreementFinding({ agreement, labels }: Measured): Finding {
  const { accuracy, accuracyOnReal, kappa, n } = agreement;
  const title = 'The class that it was made for';
  const evidence = [
    `A classifier of real images names the wanted class of ${shareWithInterval(accuracy)} of ${n} synthetic images, and the true class of ${shareWithInterval(accuracyOnReal)} of the real test images; κ ${number(kappa)}.`,
  ];
  if (!(accuracyOnReal.low > 1 / labels.length))
    return {
      ...{ title, evidence, level: 'open', word: 'cannot be told', advice: [] },
      sentence: 'The classifier names the classes of real images no better than by chance, so it is no judge.',
    };
  const [level, word, sentence, advice]: [Finding['level'], string, string, string[]] =
    accuracy.high < accuracyOnReal.low
      ? [
          accuracy.value < accuracyOnReal.value - 0.2 ? 'poor' : 'mixed',
          'less clear than real',
          'The synthetic images show the class that they were made for less clearly than real images show theirs.',
          ['More guidance makes classes clearer, at the cost of variety. The table shows which classes are confused.'],
        ]
      : accuracy.low > accuracyOnReal.high
        ? [
            'mixed',
            'clearer than real',
            'The synthetic images are more typical of their class than real ones: hard cases may be missing.',
            ['Less guidance gives more variety; compare recall in Cohorts.'],
          ]
        : [
            'good',
            'as in real images',
            'The synthetic images show their class as clearly as real images show theirs.',
            [],
          ];
  return { title, level, word, sentence, evidence, advice };
}

/** Whether latents hold what a class is, against pixels and against as few values taken from pixels; one answer for each model. */
export function probeFindings(rows: readonly ProbeRow[]): Finding[] {
  const pixels = rows.find(({ kind }) => kind === 'pixels')!;
  const simple = rows.filter(({ kind }) => kind === 'pooled' || kind === 'projected');
  return rows.filter(({ kind }) => kind === 'latents').map((row) => latentFinding(row, { pixels, simple }));
}

function latentFinding(row: ProbeRow, { pixels, simple }: { pixels: ProbeRow; simple: readonly ProbeRow[] }): Finding {
  const difference = row.againstPixels!;
  const as = (one: ProbeRow): string => `${one.title} (${one.dimension} values): AUC ${withInterval(one.auc)}`;
  const evidence = [
    `${as(row)}; difference from the pixels ${withInterval(difference)}.`,
    ...[pixels, ...simple].map((one) => `${as(one)}.`),
  ];
  const asGood = simple.find(({ auc }) => auc.value >= row.auc.value);
  const [level, word, sentence]: [Finding['level'], string, string] =
    !(row.auc.low > 0.5) && !(pixels.auc.low > 0.5)
      ? ['open', 'cannot be told', 'A linear classifier reads the class off neither the latents nor the pixels.']
      : difference.low > 0 && asGood === undefined
        ? [
            'good',
            'more than pixels',
            'The class can be read off the latents more easily than off the pixels, and off as few values taken simply.',
          ]
        : difference.low > 0
          ? [
              'mixed',
              'by size alone',
              `The class can be read off the latents more easily than off the pixels, yet as easily off ${asGood!.title.toLowerCase()}: having fewer values may be all.`,
            ]
          : difference.high < 0
            ? [
                'poor',
                'less than pixels',
                `Something of the class is lost on the way to the latents, or lies in them in no straight line: ${number(-difference.value)} of AUC less.`,
              ]
            : difference.low >= -margin
              ? ['good', 'as much as pixels', 'The latents hold the class as readably as the pixels do.']
              : [
                  'open',
                  'cannot be told',
                  'The interval holds no difference and a large loss: there are too few patients to tell.',
                ];
  return { title: row.title, level, word, sentence, evidence, advice: [] };
}

function armOf(arms: UsefulnessResult['arms'], wanted: UsefulnessResult['arms'][number]['name']) {
  return arms.find(({ name }) => name === wanted)!;
}

function withInterval({ value, low, high }: AucValue): string {
  return `${number(value)} (95 % ${number(low)} to ${number(high)})`;
}

function shareWithInterval({ value, low, high }: AucValue): string {
  return `${Math.round(value * 100)} % (95 % ${Math.round(low * 100)} to ${Math.round(high * 100)} %)`;
}

function number(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(3).replace('-', '−');
}
