import { calculateSUVScalingFactors } from '@cornerstonejs/calculate-suv';
import type { DataSet } from 'dicom-parser';
import type { FrameEntry } from './arrange.ts';
import { firstItem, readNumber, readText } from './element-values.ts';
import { privateTag } from './mosaic.ts';

/** What the standardised uptake value of a PET image is computed from, as `@cornerstonejs/calculate-suv` takes it. */
export type PetFacts = Parameters<typeof calculateSUVScalingFactors>[0][number];

/** The SUV facts of a PET image; null for all other images. */
export function readPetFacts(dataSet: DataSet, modality: string): PetFacts | null {
  if (modality !== 'PT') return null;
  const drug = firstItem(dataSet, 'x00540016');
  const text = (tag: string) => readText(dataSet, tag);
  const number = (tag: string, from: DataSet | undefined = dataSet) => (from && readNumber(from, tag)) ?? NaN;
  const ge = privateTag(dataSet, { group: '0009', creator: 'GEMS_PETD_01', element: '0d' });
  const philipsSuv = privateTag(dataSet, { group: '7053', creator: 'Philips PET Private Group', element: '00' });
  const philipsActivity = privateTag(dataSet, { group: '7053', creator: 'Philips PET Private Group', element: '09' });
  return {
    Units: text('x00541001'),
    CorrectedImage: text('x00280051').split('\\'),
    DecayCorrection: text('x00541102'),
    PatientWeight: number('x00101030'),
    RadionuclideTotalDose: number('x00181074', drug),
    RadionuclideHalfLife: number('x00181075', drug),
    ...given('RadiopharmaceuticalStartTime', drug === undefined ? '' : readText(drug, 'x00181072')),
    ...given('RadiopharmaceuticalStartDateTime', drug === undefined ? '' : readText(drug, 'x00181078')),
    SeriesDate: text('x00080021'),
    SeriesTime: text('x00080031'),
    AcquisitionDate: text('x00080022') || text('x0008002a').slice(0, 8),
    AcquisitionTime: text('x00080032') || text('x0008002a').slice(8),
    ...given('GEPrivatePostInjectionDateTime', ge === null ? '' : text(ge)),
    // Height and sex matter for other kinds of SUV only, which are not taken; without them the library complains aloud.
    PatientSize: 1.7,
    PatientSex: 'F',
    ...givenNumber('FrameReferenceTime', readNumber(dataSet, 'x00541300')),
    ...givenNumber('ActualFrameDuration', readNumber(dataSet, 'x00181242')),
    ...(philipsSuv === null && philipsActivity === null
      ? {}
      : {
          PhilipsPETPrivateGroup: {
            SUVScaleFactor: (philipsSuv && readNumber(dataSet, philipsSuv)) || undefined,
            ActivityConcentrationScaleFactor: (philipsActivity && readNumber(dataSet, philipsActivity)) || undefined,
          },
        }),
  };
}

/**
 * PET images with their rescale turned to SUV by body weight (g/mL), where the series says all that it takes; else unchanged
 * with the reason. Other modalities pass through.
 */
export function toUptake(entries: FrameEntry[]): { entries: FrameEntry[]; warnings: string[] } {
  const headers = [...new Set(entries.map(({ header }) => header))];
  const facts = headers.flatMap(({ pet }) => pet ?? []);
  const [first] = facts;
  if (first === undefined || facts.length !== headers.length || first.Units === 'GML') return { entries, warnings: [] };
  const missing = missingFact(first);
  if (missing !== null) {
    return { entries, warnings: [`Values are shown as stored: SUV cannot be computed without ${missing}.`] };
  }
  try {
    const factors = calculateSUVScalingFactors(facts);
    const scaled = new Map(
      headers.map((header, i) => [header, { ...header, unit: suvUnit, factor: factors[i]?.suvbw ?? NaN }] as const),
    );
    if ([...scaled.values()].some(({ factor }) => !(factor > 0 && Number.isFinite(factor))))
      throw new RangeError('none');
    const turned = entries.map((entry) => {
      const { factor, ...header } = scaled.get(entry.header) ?? { ...entry.header, factor: 1 };
      const windows = header.windows.map((one) => ({ ...one, centre: one.centre * factor, width: one.width * factor }));
      const { rescaleSlope, rescaleIntercept } = entry.frame;
      const frame = {
        ...entry.frame,
        rescaleSlope: rescaleSlope * factor,
        rescaleIntercept: rescaleIntercept * factor,
      };
      return { ...entry, header: { ...header, windows }, frame };
    });
    return { entries: turned, warnings: [] };
  } catch {
    return { entries, warnings: ['Values are shown as stored: SUV cannot be computed from what the files say.'] };
  }
}

const suvUnit = 'SUVbw';

/** In words, the first fact that lacks. */
function missingFact(facts: PetFacts): string | null {
  if (facts.Units === 'CNTS') return facts.PhilipsPETPrivateGroup === undefined ? 'a calibration to Bq/mL' : null;
  if (facts.Units !== 'BQML') return 'values in Bq/mL';
  if (!(facts.PatientWeight > 0)) return 'the weight of the patient';
  if (!(facts.RadionuclideTotalDose > 0)) return 'the injected dose';
  if (!(facts.RadionuclideHalfLife > 0)) return 'the half-life of the radionuclide';
  if (!facts.RadiopharmaceuticalStartTime && !facts.RadiopharmaceuticalStartDateTime) return 'the time of injection';
  return null;
}

function given<Key extends string>(key: Key, value: string): Partial<Record<Key, string>> {
  return value === '' ? {} : ({ [key]: value } as Record<Key, string>);
}

function givenNumber<Key extends string>(key: Key, value: number | null): Partial<Record<Key, number>> {
  return value === null ? {} : ({ [key]: value } as Record<Key, number>);
}
