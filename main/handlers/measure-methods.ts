import type { Evaluation, ReportingItem } from '../../preload/measure.ts';

const metricsSentence =
  'We report the Fréchet distance (FID, Heusel et al. 2017) and its extrapolation to endless sets (Chong and Forsyth 2020), kernel distances (KID, Bińkowski et al. 2018; MMD, Gretton et al. 2012), improved precision and recall (k = 3, Kynkäänniemi et al. 2019), density and coverage (k = 5, Naeem et al. 2020) and MS-SSIM of random pairs (Wang et al. 2003).';

type Measured = Omit<Evaluation, 'methods' | 'reporting'>;

/** The methods paragraph of a paper, as far as the log knows it. */
export function methodsOf(
  { cohorts, real, training }: Measured,
  { bootstrap, versions }: { bootstrap: number; versions: Record<string, string> },
): string {
  const [first] = cohorts;
  if (first === undefined) return '';
  const { extractor, n, metrics, originality } = first.result;
  const sizes = cohorts.map(({ name, result }) => `${name} (n = ${result.n.synthetic})`).join(', ');
  const floor = metrics.kid.atFloor ?? metrics.precision.atFloor;
  const sentences = [
    `Synthetic sets ${sizes} were compared with the real set ${real} (n = ${n.real}) in Verisim ${versions['verisim'] ?? ''}.`,
    `Features were taken with ${extractor.id} ${extractor.version} (${extractor.width} values, ${extractor.layer}; SHA-256 ${extractor.sha256.slice(0, 12)}…); images were fitted to its grid by ${extractor.resize} resampling, intensities mapped from the whole bit depth or the first window of the file.`,
    metricsSentence,
    `95 % intervals come from ${bootstrap} random halves of both sets without replacement (delete-half jackknife, Shao and Wu 1989), patients kept together.`,
    floor === null
      ? 'The real set was too small for a real-against-real floor.'
      : `The real-against-real floor was computed between halves of the real set with no patient in common and the same number of images of each class, and held against as many synthetic images (n = ${floor.n} on each side).`,
    `Copies were looked for ${training === null ? 'in the real set' : `in the training images ${training}`} (${originality.searched} images) by nearest neighbours in feature space, confirmed by aligned correlation of fine structure over mirroring and shifts; the threshold (${originality.threshold === null ? 'none' : originality.threshold.toFixed(3)}) was learnt from ${originality.calibratedOn} real images and their nearest images of other patients so that at most 1 % of them pass it with 95 % confidence.`,
    ...(originality.dataCopying === null
      ? []
      : [
          'Data copying was also tested by the three-sample test of Meehan et al. (2020) and AuthPct (Alaa et al. 2022).',
        ]),
  ];
  return sentences.join(' ');
}

/**
 * Items that the log can fill in. CLAIM by the numbers of its 2024 update (Tejani et al. 2024, doi 10.1148/ryai.240300; the item texts are
 * in PMC11304031), in brackets those of 2020 (Mongan, Moy and Kahn, doi 10.1148/ryai.2020200029). MI-CLAIM-GEN by its parts (Miao et al.
 * 2025, doi 10.1038/s41591-024-03470-0). What only the authors know is left to them.
 */
export function reportingOf({ cohorts, real, training, measuredAt, runId }: Measured): ReportingItem[] {
  const [first] = cohorts;
  if (first === undefined) return [];
  const { n, classes, extractor, skipped, warnings, originality } = first.result;
  const claim = (item: string, asks: string, text: string): ReportingItem => ({ guideline: 'CLAIM', item, asks, text });
  const generative = (item: string, asks: string, text: string): ReportingItem => ({
    ...{ guideline: 'MI-CLAIM-GEN', item, asks, text },
  });
  const counts = classes
    .map(({ label, n: own }) => `${label}: ${own.real} real, ${own.synthetic} synthetic`)
    .join('; ');
  const values = (['fid', 'kid', 'precision', 'recall'] as const)
    .map((name) => {
      const { value, low, high, floor } = first.result.metrics[name];
      if (value === null) return `${name} not given`;
      const interval = low === null || high === null ? '' : ` [${short(low)}, ${short(high)}]`;
      return `${name} ${short(value)}${interval}${floor === null ? '' : `, floor ${short(floor.value)}`}`;
    })
    .join('; ');
  return [
    claim(
      '7 (2020: 7)',
      'Data sources',
      `Real set ${real}; synthetic ${cohorts.map(({ name }) => name).join(', ')}${training === null ? '' : `; training set ${training}`}.`,
    ),
    claim(
      '9 (2020: 9)',
      'Preprocessing',
      `Fitted to the grid of ${extractor.id} by ${extractor.resize} resampling; ${extractor.inColour === true ? 'features from colour in 8 bits, MS-SSIM, spectra and the alignment of copies from luminance' : 'colour reduced to luminance'}.`,
    ),
    claim('12 (2020: 13)', 'Missing data', `${skipped.length} files could not be used and were left out.`),
    claim(
      '21 (2020: 19)',
      'Intended sample size',
      `${n.real} real and ${n.synthetic} synthetic images.${counts === '' ? '' : ` By class: ${counts}.`}`,
    ),
    claim(
      '20 (2020: 21)',
      'Level at which partitions are disjoint',
      'Halves of the real set share no patient where patients are known.',
    ),
    claim('28 (2020: 28)', 'Metrics of performance', metricsSentence),
    claim(
      '29 (2020: 29)',
      'Measures of uncertainty',
      'Delete-half jackknife, 95 %, patients kept together; real-against-real floor at equal n.',
    ),
    claim('30 (2020: 30)', 'Robustness', warnings.length === 0 ? 'No warning was raised.' : warnings.join(' ')),
    claim('38 (2020: 36)', 'Estimates with their precision', values),
    generative('1, study design', 'Cohorts and baseline', `The baseline is real against real: ${values}.`),
    generative(
      '3, model performance and evaluation',
      'Evaluation of generated output',
      `${extractor.id}, ${n.synthetic} images; ${cohorts.length} cohorts.`,
    ),
    generative(
      '4, model examination',
      'Memorisation and privacy',
      `${originality.copies.length} suspected copies among ${n.synthetic} images; ${originality.searched} real images searched${training === null ? '; the training images were not given' : ''}.`,
    ),
    generative(
      '5, reproducibility',
      'End-to-end pipeline',
      `Run ${runId} of the experiment log, ${measuredAt}; extractor SHA-256 ${extractor.sha256}.`,
    ),
  ];
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
