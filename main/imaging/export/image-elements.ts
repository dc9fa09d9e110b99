import type { Vector3, VoiWindow } from '../../../preload/domain.ts';
import type { Elements } from './part10.ts';
import { quantise } from './quantise.ts';
import type { Rescale } from './quantise.ts';

/** One single-frame image and what it belongs to. Empty strings stand for what is not known (type 2). */
export interface DicomImage {
  modality: string;
  width: number;
  height: number;
  /** Real values, or interleaved RGB bytes. */
  pixels: ArrayLike<number>;
  samples: 1 | 3;
  rescale: Rescale;
  inverted: boolean;
  window: VoiWindow;
  /** Between columns, then between rows. */
  spacingMm: readonly [number, number];
  /** Null for images without a place in the patient. */
  plane: {
    positionLps: Vector3;
    row: Vector3;
    column: Vector3;
    thicknessMm: number;
    frameOfReferenceUid: string;
  } | null;
  study: { uid: string; description: string; date: string };
  series: { uid: string; number: number; description: string };
  patient: { name: string; id: string };
  instanceUid: string;
  instanceNumber: number;
  /** Whole numbers of 0…255 only; what an ultrasound image must be. */
  eightBit?: boolean;
  /** How a Secondary Capture came about (0008,0064). */
  conversionType: 'SYN' | 'WSD';
  imageType: readonly string[];
}

export const sopClasses = {
  CT: '1.2.840.10008.5.1.4.1.1.2',
  MR: '1.2.840.10008.5.1.4.1.1.4',
  CR: '1.2.840.10008.5.1.4.1.1.1',
  DX: '1.2.840.10008.5.1.4.1.1.1.1',
  US: '1.2.840.10008.5.1.4.1.1.6.1',
  secondaryCapture: '1.2.840.10008.5.1.4.1.1.7',
} as const;

/**
 * The elements of CT, MR, CR or DX Image Storage (PS3.3 A.3, A.4, A.2, A.26), of Secondary Capture (A.8.1) for all other
 * modalities and for colour. Nothing depends on the clock: dates that are not known stay empty.
 */
export function imageElements(image: DicomImage): Elements & { SOPClassUID: string; SOPInstanceUID: string } {
  const kind = imageKind(image);
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    ImageType: [...image.imageType],
    SOPClassUID: sopClasses[kind],
    SOPInstanceUID: image.instanceUid,
    StudyDate: image.study.date,
    StudyTime: '',
    AccessionNumber: '',
    Modality: kind === 'CR' ? 'CR' : image.modality,
    Manufacturer: '',
    ReferringPhysicianName: '',
    StudyDescription: image.study.description || undefined,
    SeriesDescription: image.series.description || undefined,
    PatientName: image.patient.name,
    PatientID: image.patient.id,
    PatientBirthDate: '',
    PatientSex: '',
    StudyInstanceUID: image.study.uid,
    SeriesInstanceUID: image.series.uid,
    StudyID: '',
    SeriesNumber: image.series.number,
    Laterality: '',
    InstanceNumber: image.instanceNumber,
    ...planeElements(image),
    ...kindElements(kind, image),
    ...pixelElements(image),
  };
}

type Kind = keyof typeof sopClasses;

function imageKind({ modality, samples, plane, eightBit, rescale, conversionType }: DicomImage): Kind {
  if (modality === 'US' && (samples === 3 || eightBit === true)) return 'US';
  if (samples === 3) return 'secondaryCapture';
  if ((modality === 'CT' || modality === 'MR') && plane !== null) return modality;
  if (modality === 'DX') return isPlainUnsigned(rescale) && conversionType === 'SYN' ? 'DX' : 'CR';
  return modality === 'CR' ? 'CR' : 'secondaryCapture';
}

/** Digital X-ray knows no rescale and no negative values (PS3.3 C.8.11.3). */
function isPlainUnsigned({ slope, intercept, signed }: Rescale): boolean {
  return slope === 1 && intercept === 0 && !signed;
}

function planeElements({ plane, spacingMm }: DicomImage): Elements {
  const spacing = [spacingMm[1], spacingMm[0]];
  if (plane === null) return { PatientOrientation: '', PixelSpacing: spacing };
  return {
    PatientOrientation: '',
    ImagePositionPatient: [...plane.positionLps],
    ImageOrientationPatient: [...plane.row, ...plane.column],
    FrameOfReferenceUID: plane.frameOfReferenceUid,
    PositionReferenceIndicator: '',
    SliceThickness: plane.thicknessMm,
    PixelSpacing: spacing,
  };
}

/** Attributes that one kind of image requires, empty where they are not known. */
function kindElements(kind: Kind, image: DicomImage): Elements {
  if (kind === 'CT') return { KVP: '', AcquisitionNumber: '', PatientPosition: '', RescaleType: 'HU' };
  if (kind === 'MR') {
    return {
      ScanningSequence: 'RM',
      SequenceVariant: 'NONE',
      ScanOptions: '',
      MRAcquisitionType: '',
      RepetitionTime: '',
      EchoTime: '',
      EchoTrainLength: '',
      PatientPosition: '',
    };
  }
  if (kind === 'US') return {};
  if (kind === 'CR') return { BodyPartExamined: '', ViewPosition: '' };
  if (kind === 'DX') return digitalXray(image);
  return { ConversionType: image.conversionType };
}

/**
 * The modules of Digital X-Ray Image Storage – For Presentation. Nothing is known of side, region and detector; a direction must
 * be given, and synthetic images are drawn as radiographs are shown, the patient's left on the right. Others become CR.
 */
function digitalXray({ spacingMm, inverted }: DicomImage): Elements {
  return {
    PresentationIntentType: 'FOR PRESENTATION',
    ImageLaterality: 'U',
    Laterality: undefined,
    AnatomicRegionSequence: [],
    PixelIntensityRelationship: 'LOG',
    PixelIntensityRelationshipSign: inverted ? 1 : -1,
    RescaleIntercept: 0,
    RescaleSlope: 1,
    RescaleType: 'US',
    PresentationLUTShape: inverted ? 'INVERSE' : 'IDENTITY',
    LossyImageCompression: '00',
    BurnedInAnnotation: 'NO',
    PatientOrientation: ['L', 'F'],
    DetectorType: '',
    ImagerPixelSpacing: [spacingMm[1], spacingMm[0]],
    PixelSpacing: undefined,
    PositionerType: '',
    AcquisitionContextSequence: [],
  };
}

function pixelElements(image: DicomImage): Elements {
  const size = { Rows: image.height, Columns: image.width, SamplesPerPixel: image.samples };
  if (image.samples === 3) {
    const bytes = Uint8Array.from(image.pixels);
    return { ...size, ...byteFormat, PhotometricInterpretation: 'RGB', PlanarConfiguration: 0, PixelData: bytes };
  }
  const bytes = imageKind(image) === 'US' ? Uint8Array.from(image.pixels) : null;
  return {
    ...size,
    ...(bytes === null ? wordFormat(image) : byteFormat),
    PhotometricInterpretation: image.inverted ? 'MONOCHROME1' : 'MONOCHROME2',
    ...rescaleElements(image),
    WindowCenter: image.window.centre,
    WindowWidth: image.window.width,
    PixelData: bytes ?? quantise(image.pixels, image.rescale),
  };
}

const byteFormat = { BitsAllocated: 8, BitsStored: 8, HighBit: 7, PixelRepresentation: 0 };

function wordFormat({ rescale }: DicomImage): Elements {
  return { BitsAllocated: 16, BitsStored: 16, HighBit: 15, PixelRepresentation: rescale.signed ? 1 : 0 };
}

/** CT must have a rescale; elsewhere it is only written where it changes anything. */
function rescaleElements({ modality, rescale: { slope, intercept } }: DicomImage): Elements {
  if (modality !== 'CT' && slope === 1 && intercept === 0) return {};
  return { RescaleIntercept: intercept, RescaleSlope: slope, RescaleType: modality === 'CT' ? 'HU' : 'US' };
}
