import type { DataSet } from 'dicom-parser';
import { firstItem, readNumber, readNumbers, readText } from './element-values.ts';
import { normalOf, orientationOf, vectorOf } from './frames.ts';
import type { FrameHeader } from './frames.ts';

const sliceVector = 'x00540080';
const timeSlotVector = 'x00540070';

/**
 * Frames of a reconstructed SPECT volume, one for each slice and time slot (NM Reconstruction, PS3.3 C.8.4.15): the first slice
 * lies where the detector says, the others step along the normal, against it where Spacing Between Slices is negative. Null for
 * any other image.
 */
export function reconstructedFrames(whole: FrameHeader, dataSet: DataSet, frameCount: number): FrameHeader[] | null {
  const isReconstructed = readText(dataSet, 'x00080008')
    .split('\\')
    .some((type) => type === 'RECON TOMO' || type === 'RECON GATED TOMO');
  if (!isReconstructed || frameCount < 2) return null;
  const detector = firstItem(dataSet, 'x00540022');
  const fromDetector = (tag: string) => (detector === undefined ? [] : readNumbers(detector, tag));
  const position = whole.positionLps ?? vectorOf(fromDetector('x00200032'));
  const orientation = whole.orientation ?? orientationOf(fromDetector('x00200037'));
  const step = readNumber(dataSet, 'x00180088') ?? readNumber(dataSet, 'x00180050');
  if (position === null || orientation === null || step === null || step === 0) return null;
  const normal = normalOf(orientation);
  return Array.from({ length: frameCount }, (_, index) => {
    const slice = wordAt(dataSet, sliceVector, index) ?? index + 1;
    const at = (axis: 0 | 1 | 2) => position[axis] + normal[axis] * step * (slice - 1);
    return {
      ...whole,
      orientation,
      positionLps: [at(0), at(1), at(2)],
      sliceThicknessMm: Math.abs(step),
      order: [wordAt(dataSet, timeSlotVector, index) ?? 0, ...whole.order.slice(1), index],
    };
  });
}

function wordAt(dataSet: DataSet, tag: string, index: number): number | null {
  const element = dataSet.elements[tag];
  return element === undefined || element.length < 2 * (index + 1) ? null : (dataSet.uint16(tag, index) ?? null);
}
