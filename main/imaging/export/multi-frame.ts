import type { Volume } from '../../../preload/domain.ts';
import { VerisimError } from '../../../preload/errors.ts';
import type { DicomImage } from './image-elements.ts';
import { writePart10 } from './part10.ts';
import type { Elements } from './part10.ts';
import type { SeriesIdentity } from './series-identity.ts';
import { deriveUid } from './uid.ts';
import { volumeImages } from './volume-dicom.ts';

const multiFrameClasses = {
  grey: '1.2.840.10008.5.1.4.1.1.7.3',
  colour: '1.2.840.10008.5.1.4.1.1.7.4',
} as const;
/** Pixel Data of one element with a 32-bit length, and one array in memory. */
const mostPixelBytes = 2 ** 31 - 2;

/**
 * A volume as one Multi-frame Grayscale Word or True Color Secondary Capture (PS3.3 A.8.4, A.8.5) with functional groups that
 * keep the place of every slice. Enhanced CT and MR ask for facts of the acquisition that a volume does not know; this
 * object does not. Throws TooLarge above 2 GiB.
 */
export function writeMultiFrame(volume: Volume, identity: SeriesIdentity, slicesPerFrame: number): Uint8Array {
  const frames: { image: DicomImage; elements: Elements }[] = [];
  let length = 0;
  for (const frame of volumeImages(volume, identity, slicesPerFrame, 'unsigned')) {
    frames.push(frame);
    length += bytesOf(frame.elements.PixelData).length;
    if (length > mostPixelBytes) throw tooLarge();
  }
  const [first] = frames;
  if (first === undefined) throw new RangeError('a volume without slices');
  const pixels = new Uint8Array(length + (length % 2));
  let at = 0;
  for (const { elements } of frames) {
    const bytes = bytesOf(elements.PixelData);
    pixels.set(bytes, at);
    at += bytes.length;
  }
  const sopClass = volume.samplesPerVoxel === 3 ? multiFrameClasses.colour : multiFrameClasses.grey;
  const organisation = deriveUid(`dimensions ${identity.series.uid}`);
  const words = volume.samplesPerVoxel === 3 ? pixels : new Uint16Array(pixels.buffer);
  return writePart10({
    ...withoutPlane(first.elements),
    SOPClassUID: sopClass,
    SOPInstanceUID: deriveUid(`multi-frame ${identity.series.uid}`),
    ConversionType: first.image.conversionType,
    InstanceNumber: 1,
    // Both must have a value, and nothing written depends on the clock.
    ContentDate: identity.study.date || '19700101',
    ContentTime: '000000',
    BurnedInAnnotation: 'NO',
    ...(volume.samplesPerVoxel === 3 ? {} : greyElements(first.image)),
    NumberOfFrames: frames.length,
    FrameIncrementPointer: frames.length > 1 ? framePointer : undefined,
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: organisation }],
    DimensionIndexSequence: ['TemporalPositionIndex', 'InStackPositionNumber'].map((keyword) => ({
      DimensionOrganizationUID: organisation,
      DimensionIndexPointer: pointers[keyword as keyof typeof pointers],
      FunctionalGroupPointer: pointers.FrameContentSequence,
    })),
    SharedFunctionalGroupsSequence: [sharedGroups(first.image)],
    PerFrameFunctionalGroupsSequence: frames.map(({ image }, k) =>
      frameGroups(image, { time: Math.floor(k / slicesPerFrame) + 1, slice: (k % slicesPerFrame) + 1 }),
    ),
    PixelData: words,
  });
}

/** Tags as the AT value representation stores them: group, then element, both little endian. */
function tagBytes(group: number, element: number): Uint8Array {
  return Uint8Array.of(group & 255, group >> 8, element & 255, element >> 8);
}

const pointers = {
  FrameContentSequence: tagBytes(0x0020, 0x9111),
  TemporalPositionIndex: tagBytes(0x0020, 0x9128),
  InStackPositionNumber: tagBytes(0x0020, 0x9057),
};
/** Frames follow each other by their functional groups (5200,9230). */
const framePointer = tagBytes(0x5200, 0x9230);

function greyElements({ rescale, modality }: DicomImage): Elements {
  return {
    PresentationLUTShape: 'IDENTITY',
    PhotometricInterpretation: 'MONOCHROME2',
    RescaleIntercept: rescale.intercept,
    RescaleSlope: rescale.slope,
    RescaleType: modality === 'CT' ? 'HU' : 'US',
  };
}

function sharedGroups({ plane, spacingMm }: DicomImage): Elements {
  const measures = {
    PixelSpacing: [spacingMm[1], spacingMm[0]],
    ...(plane === null ? {} : { SliceThickness: plane.thicknessMm, SpacingBetweenSlices: plane.thicknessMm }),
  };
  if (plane === null) return { PixelMeasuresSequence: [measures] };
  return {
    PixelMeasuresSequence: [measures],
    PlaneOrientationSequence: [{ ImageOrientationPatient: [...plane.row, ...plane.column] }],
  };
}

function frameGroups({ plane }: DicomImage, { time, slice }: { time: number; slice: number }): Elements {
  const content = {
    StackID: '1',
    InStackPositionNumber: slice,
    TemporalPositionIndex: time,
    DimensionIndexValues: [time, slice],
  };
  if (plane === null) return { FrameContentSequence: [content] };
  return {
    FrameContentSequence: [content],
    PlanePositionSequence: [{ ImagePositionPatient: [...plane.positionLps] }],
  };
}

/** What the functional groups say instead, and what belongs to other objects. */
function withoutPlane(elements: Elements): Elements {
  const {
    ImagePositionPatient: _position,
    ImageOrientationPatient: _orientation,
    SliceThickness: _thickness,
    PixelSpacing: _spacing,
    ...rest
  } = elements;
  return rest;
}

function bytesOf(value: Elements[string]): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (!(value instanceof Uint16Array || value instanceof Int16Array)) return new Uint8Array(0);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function tooLarge(): VerisimError {
  return new VerisimError('TooLarge', 'The series has more than 2 GiB of pixels; write it as single slices.', {
    expected: 'at most 2 GiB of pixels',
    found: 'more',
  });
}
