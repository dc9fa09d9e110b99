import type { Annotation } from '../../../preload/annotations.ts';
import { readText } from '../dicom/element-values.ts';
import { readHead } from '../dicom/read-head.ts';
import type { IndexedSeries } from '../indexed-series.ts';
import { measurementGroup } from './measurement-group.ts';
import { type Elements, writePart10 } from './part10.ts';
import { niftiIdentity } from './series-identity.ts';
import { codeItem, container, type ReportImage, uidItem } from './report-items.ts';
import { code } from './synthetic-marks.ts';
import { deriveUid } from './uid.ts';

const comprehensive3dSr = '1.2.840.10008.5.1.4.1.1.88.34';

/**
 * An imaging measurement report (Comprehensive 3D SR, PS3.16 TID 1500) of what was drawn on a series: places in patient
 * coordinates, in the study and the frame of reference of the images. Throws FileNotReadable, DicomInvalid.
 */
export async function measurementReport(series: IndexedSeries, annotations: Annotation[]): Promise<Uint8Array> {
  const { patient, study, frameOfReferenceUid, images } = await contextOf(series, annotations);
  const now = new Date().toISOString().replace(/[-:]/g, '');
  const [date, time] = [now.slice(0, 8), now.slice(9, 15)];
  const seed = `${series.summary.id} ${now} ${annotations.map(({ id }) => id).join(' ')}`;
  const { modality } = series.summary;
  const groups = annotations.map((annotation) =>
    measurementGroup(annotation, { modality, frameOfReferenceUid, image: images.get(annotation.sliceIndex) }),
  );
  return writePart10({
    SpecificCharacterSet: 'ISO_IR 192',
    SOPClassUID: comprehensive3dSr,
    SOPInstanceUID: deriveUid(`report ${seed}`),
    SyntheticData: series.summary.synthetic ? 'YES' : undefined,
    PatientBirthDate: '',
    PatientSex: '',
    ...patient,
    StudyTime: '',
    ReferringPhysicianName: '',
    StudyID: '',
    AccessionNumber: '',
    ...study,
    Modality: 'SR',
    SeriesInstanceUID: deriveUid(`report series ${seed}`),
    SeriesNumber: 1,
    SeriesDescription: 'Measurements',
    ReferencedPerformedProcedureStepSequence: [],
    Manufacturer: 'Verisim',
    ManufacturerModelName: 'Verisim',
    DeviceSerialNumber: '1',
    SoftwareVersions: '1',
    InstanceNumber: 1,
    ContentDate: date,
    ContentTime: time,
    CompletionFlag: 'PARTIAL',
    VerificationFlag: 'UNVERIFIED',
    PerformedProcedureCodeSequence: [],
    CurrentRequestedProcedureEvidenceSequence: evidence(study.StudyInstanceUID, [...images.values()]),
    ValueType: 'CONTAINER',
    ConceptNameCodeSequence: [code('126000', 'DCM', 'Imaging Measurement Report')],
    ContinuityOfContent: 'SEPARATE',
    ContentTemplateSequence: [{ MappingResource: 'DCMR', TemplateIdentifier: '1500' }],
    ContentSequence: [
      codeItem('HAS CONCEPT MOD', code('121049', 'DCM', 'Language of Content Item and Descendants'), {
        ...code('en', 'RFC5646', 'English'),
      }),
      codeItem('HAS OBS CONTEXT', code('121005', 'DCM', 'Observer Type'), code('121007', 'DCM', 'Device')),
      uidItem('HAS OBS CONTEXT', code('121012', 'DCM', 'Device Observer UID'), deriveUid('Verisim observer 1')),
      codeItem('HAS CONCEPT MOD', code('121058', 'DCM', 'Procedure reported'), {
        ...code('363679005', 'SCT', 'Imaging procedure'),
      }),
      container(code('126010', 'DCM', 'Imaging Measurements'), groups),
    ],
  });
}

interface ReportContext {
  patient: Elements;
  study: Elements & { StudyInstanceUID: string };
  frameOfReferenceUid: string;
  /** By slice; only slices that something is drawn on, and only where the source is DICOM. */
  images: Map<number, ReportImage>;
}

async function contextOf(series: IndexedSeries, annotations: Annotation[]): Promise<ReportContext> {
  const [first] = series.files;
  if (series.summary.format !== 'dicom' || first === undefined) {
    const { study, frameOfReferenceUid } = niftiIdentity(series);
    return {
      patient: { PatientName: '', PatientID: '' },
      study: { StudyInstanceUID: study.uid, StudyDate: '' },
      frameOfReferenceUid,
      images: new Map(),
    };
  }
  const { parsed } = await readHead(first.path);
  const text = (tag: string) => readText(parsed.dataSet, tag);
  const images = new Map<number, ReportImage>();
  // One file may hold many slices; then no file of its own belongs to a slice and the place alone tells.
  if (series.files.length === series.summary.slices) {
    for (const { sliceIndex } of annotations) {
      const file = series.files[sliceIndex];
      if (file !== undefined && !images.has(sliceIndex)) images.set(sliceIndex, await imageOf(file.path));
    }
  }
  return {
    patient: {
      PatientName: text('x00100010'),
      PatientID: text('x00100020'),
      PatientBirthDate: text('x00100030'),
      PatientSex: text('x00100040'),
    },
    study: {
      StudyInstanceUID: text('x0020000d'),
      StudyDate: text('x00080020'),
      StudyTime: text('x00080030'),
      StudyID: text('x00200010'),
      AccessionNumber: text('x00080050'),
      ReferringPhysicianName: text('x00080090'),
    },
    frameOfReferenceUid: text('x00200052') || niftiIdentity(series).frameOfReferenceUid,
    images,
  };
}

async function imageOf(path: string): Promise<ReportImage> {
  const { parsed } = await readHead(path);
  const [sopClassUid, sopInstanceUid, seriesUid] = ['x00080016', 'x00080018', 'x0020000e'].map((tag) =>
    readText(parsed.dataSet, tag),
  ) as [string, string, string];
  return { sopClassUid, sopInstanceUid, seriesUid };
}

function evidence(studyUid: string, images: ReportImage[]): Elements[] | undefined {
  const [first] = images;
  if (first === undefined) return undefined;
  const references = images.map(({ sopClassUid, sopInstanceUid }) => ({
    ReferencedSOPClassUID: sopClassUid,
    ReferencedSOPInstanceUID: sopInstanceUid,
  }));
  return [
    {
      StudyInstanceUID: studyUid,
      ReferencedSeriesSequence: [{ SeriesInstanceUID: first.seriesUid, ReferencedSOPSequence: references }],
    },
  ];
}
