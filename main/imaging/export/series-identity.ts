import { basicProfileOnly } from '../../../preload/deidentify.ts';
import type { Pseudonyms } from '../deidentify/pseudonyms.ts';
import { removalRecord } from '../deidentify/record.ts';
import { readText } from '../dicom/element-values.ts';
import { readHead } from '../dicom/read-head.ts';
import type { IndexedSeries } from '../indexed-series.ts';
import type { Elements } from './part10.ts';
import { deriveUid } from './uid.ts';

/** Who and what a written series belongs to, and further elements for every image. */
export interface SeriesIdentity {
  modality: string;
  patient: { name: string; id: string };
  study: { uid: string; description: string; date: string };
  series: { uid: string; number: number; description: string };
  frameOfReferenceUid: string;
  imageType: readonly string[];
  further: Elements;
}

/** Acquisition facts that no profile of PS3.15 table E.1-1 removes; everything else is left out. */
const technical = {
  CT: {
    KVP: 'x00180060',
    AcquisitionNumber: 'x00200012',
    XRayTubeCurrent: 'x00181151',
    ExposureTime: 'x00181150',
    ConvolutionKernel: 'x00181210',
    GantryDetectorTilt: 'x00181120',
    PatientPosition: 'x00185100',
    BodyPartExamined: 'x00180015',
    Laterality: 'x00200060',
  },
  MR: {
    ScanningSequence: 'x00180020',
    SequenceVariant: 'x00180021',
    ScanOptions: 'x00180022',
    MRAcquisitionType: 'x00180023',
    RepetitionTime: 'x00180080',
    EchoTime: 'x00180081',
    InversionTime: 'x00180082',
    EchoTrainLength: 'x00180091',
    FlipAngle: 'x00181314',
    MagneticFieldStrength: 'x00180087',
    PatientPosition: 'x00185100',
    BodyPartExamined: 'x00180015',
    Laterality: 'x00200060',
  },
  CR: { BodyPartExamined: 'x00180015', Laterality: 'x00200060', ViewPosition: 'x00185101' },
} as const;

/** A NIfTI has no patient and no study: its own id makes the UIDs. Modality is what the index says. */
export function niftiIdentity({ summary }: IndexedSeries): SeriesIdentity {
  return {
    modality: summary.modality,
    patient: { name: '', id: '' },
    study: { uid: deriveUid(`study ${summary.studyId}`), description: '', date: '' },
    series: { uid: deriveUid(`series ${summary.id}`), number: 1, description: summary.description.slice(0, 64) },
    frameOfReferenceUid: deriveUid(`frame of reference ${summary.id}`),
    imageType: ['DERIVED', 'SECONDARY', summary.modality === 'CT' ? 'AXIAL' : 'OTHER'],
    further: {},
  };
}

/** A DICOM series with its people and study, for an object that is written anew; its own UID is a new one. */
export async function keptIdentity(series: IndexedSeries): Promise<SeriesIdentity> {
  const { summary } = series;
  if (summary.format !== 'dicom') return niftiIdentity(series);
  const { parsed } = await readHead(series.files[0]?.path ?? '');
  const text = (tag: string) => readText(parsed.dataSet, tag, readText(parsed.dataSet, 'x00080005'));
  return {
    modality: summary.modality,
    patient: { name: summary.patientName, id: summary.patientId },
    study: { uid: text('x0020000d'), description: summary.studyDescription, date: whole(/^\d{8}$/, summary.studyDate) },
    series: {
      uid: deriveUid(`rewritten ${text('x0020000e')} ${summary.id}`),
      number: summary.seriesNumber ?? 1,
      description: summary.description.slice(0, 64),
    },
    frameOfReferenceUid: text('x00200052') || deriveUid(`frame of reference ${summary.id}`),
    imageType: ['DERIVED', ...typeOf(text('x00080008'), summary.modality)],
    further: {
      PatientBirthDate: whole(/^\d{8}$/, text('x00100030')),
      PatientSex: whole(/^[MFO]$/, text('x00100040')),
      AccessionNumber: text('x00080050'),
      StudyTime: whole(/^\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?$/, text('x00080030')),
      StudyID: text('x00200010').slice(0, 16),
    },
  };
}

/** The value where it has the form that the standard asks for; old files have others. */
function whole(form: RegExp, value: string): string {
  return form.test(value) ? value : '';
}

/**
 * A series without its people, for an object that is written anew: only an allow-list of technical attributes is read from the
 * source, UIDs become pseudonyms, so that series of one study stay together, and what was done is written down (PS3.15 E.1).
 */
export async function deidentifiedIdentity(series: IndexedSeries, pseudonyms: Pseudonyms): Promise<SeriesIdentity> {
  const { summary } = series;
  if (summary.format !== 'dicom') {
    const identity = niftiIdentity(series);
    const study = { ...identity.study, description: '' };
    return {
      ...identity,
      patient: anonymous(pseudonyms.patient(identity.study.uid)),
      study,
      series: { ...identity.series, description: '' },
      further: rewritten,
    };
  }
  const { parsed } = await readHead(series.files[0]?.path ?? '');
  const text = (tag: string) => readText(parsed.dataSet, tag);
  const list: Record<string, string> =
    summary.modality in technical ? technical[summary.modality as keyof typeof technical] : {};
  const kept = Object.entries(list).flatMap(([keyword, tag]) => {
    const value = text(tag);
    return value === '' ? [] : [[keyword, value.split('\\')] as const];
  });
  return {
    modality: summary.modality,
    patient: anonymous(pseudonyms.patient(text('x00100020'))),
    study: { uid: pseudonyms.uid(text('x0020000d')), description: '', date: '' },
    series: {
      uid: pseudonyms.uid(`${text('x0020000e')} ${summary.id}`),
      number: summary.seriesNumber ?? 1,
      description: '',
    },
    frameOfReferenceUid: pseudonyms.uid(text('x00200052') || text('x0020000e')),
    imageType: ['DERIVED', ...typeOf(text('x00080008'), summary.modality)],
    further: { ...withLaterality(Object.fromEntries(kept)), ...rewritten },
  };
}

const rewritten = removalRecord(basicProfileOnly, [
  'Verisim: only listed technical attributes written',
  'Dates, names, free text, private attributes not written',
]);

function anonymous(pseudonym: string): { name: string; id: string } {
  return { name: pseudonym, id: pseudonym };
}

/** Values 2 and 3 of Image Type are codes; anything that is not upper-case letters is not taken over. */
function typeOf(imageType: string, modality: string): string[] {
  const [, second, third] = imageType.split('\\');
  const origin = second === 'PRIMARY' ? 'PRIMARY' : 'SECONDARY';
  if (modality !== 'CT' && modality !== 'MR') return [origin];
  const isCode = third !== undefined && /^[A-Z_]{1,16}$/.test(third);
  return [origin, isCode ? third : modality === 'CT' ? 'AXIAL' : 'OTHER'];
}

/** Laterality (type 2C) is empty where nothing is known, and absent for a body part that needs none. */
function withLaterality(kept: Elements): Elements {
  return kept.BodyPartExamined === undefined ? kept : { ...kept, Laterality: kept.Laterality };
}
