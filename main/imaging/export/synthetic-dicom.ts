import { createHash } from 'node:crypto';
import type { Vector3 } from '../../../preload/domain.ts';
import { imageElements } from './image-elements.ts';
import type { DicomImage } from './image-elements.ts';
import { decimalString, writePart10 } from './part10.ts';
import { type Rescale } from './quantise.ts';
import { syntheticMarks } from './synthetic-marks.ts';
import type { SourceInstance, SyntheticProvenance } from './synthetic-marks.ts';
import { deriveUid } from './uid.ts';

export type { SyntheticProvenance } from './synthetic-marks.ts';

/** The slice that an image-to-image result started from; its plane when the result lies in it. */
export interface SyntheticSource extends SourceInstance {
  frameOfReferenceUid: string;
  plane: { positionLps: Vector3; row: Vector3; column: Vector3; thicknessMm: number } | null;
}

/**
 * One synthetic image as a DICOM file: MR, CT or CR Image Storage by modality, else Secondary Capture (SYN), marked as
 * synthetic. Always a study and patient of its own. Bytes depend on the arguments only: UIDs are hashes of them.
 * `pixels` hold height × width values in stored units (HU for CT), rows top down; `storedRange` is the model's, so that
 * all images of a model share one scale and one window. It fills 16 bits. MR units are arbitrary and its IOD has no
 * rescale (viewers ignore or misread one), so MR values become the 16-bit numbers themselves, as in the canonical PNG.
 * Bytes instead of numbers are interleaved RGB, which is always a Secondary Capture with 8 bits a sample.
 */
export function writeSyntheticDicom(image: {
  pixels: Float32Array | Uint8Array;
  storedRange: { min: number; max: number };
  width: number;
  height: number;
  spacingMm: readonly [number, number];
  modality: string;
  provenance: SyntheticProvenance;
  instanceNumber: number;
  seriesKey: string;
  source?: SyntheticSource;
}): Uint8Array {
  const { pixels, provenance, seriesKey, source } = image;
  const scale = scaleOf(image.modality, image.storedRange);
  const content = createHash('sha256').update(pixels).update(JSON.stringify(provenance)).digest('hex');
  const seriesUid = deriveUid(`synthetic series ${seriesKey}`);
  const elements = imageElements({
    modality: image.modality,
    width: image.width,
    height: image.height,
    pixels: pixels instanceof Uint8Array ? pixels : scale.values(pixels),
    samples: pixels instanceof Uint8Array ? 3 : 1,
    rescale: scale.rescale,
    inverted: false,
    window: scale.window,
    spacingMm: image.spacingMm,
    plane: planeOf(image, seriesUid),
    study: { uid: deriveUid(`synthetic study ${seriesKey}`), description: 'Synthetic images', date: '' },
    series: { uid: seriesUid, number: 1, description: `Synthetic ${provenance.modelId}`.slice(0, 64) },
    patient: { name: 'SYNTHETIC^VERISIM', id: 'VERISIM-SYNTHETIC' },
    instanceUid: deriveUid(`synthetic instance ${seriesKey} ${image.instanceNumber} ${content}`),
    instanceNumber: image.instanceNumber,
    conversionType: 'SYN',
    imageType: imageTypeOf(image.modality),
  });
  return writePart10({ ...elements, ...syntheticMarks(provenance, source ?? null) });
}

const fullScale = 65535;

function scaleOf(modality: string, { min, max }: { min: number; max: number }) {
  if (modality === 'MR' || modality === 'DX') {
    const factor = fullScale / (max - min);
    return {
      values: (pixels: Float32Array) => Float64Array.from(pixels, (value) => (value - min) * factor),
      rescale: { slope: 1, intercept: 0, signed: false } satisfies Rescale,
      window: { centre: fullScale / 2, width: fullScale },
    };
  }
  return {
    values: (pixels: Float32Array) => pixels,
    rescale: {
      slope: Number(decimalString((max - min) / fullScale)),
      intercept: Number(decimalString(min)),
      signed: false,
    } satisfies Rescale,
    window: { centre: (min + max) / 2, width: max - min },
  };
}

/** Value 3 is fixed by the CT and MR image modules (PS3.3 C.8.2.1.1.1, C.8.3.1.1.1). */
function imageTypeOf(modality: string): string[] {
  if (modality === 'CT') return ['DERIVED', 'SECONDARY', 'AXIAL'];
  return modality === 'MR' ? ['DERIVED', 'SECONDARY', 'OTHER'] : ['DERIVED', 'SECONDARY'];
}

/** CT and MR must have a plane. Images made from nothing share one at the origin: they have no place side by side. */
function planeOf(
  image: { modality: string; source?: SyntheticSource; spacingMm: readonly [number, number] },
  seriesUid: string,
): DicomImage['plane'] {
  const { source } = image;
  if (source?.plane) return { ...source.plane, frameOfReferenceUid: source.frameOfReferenceUid };
  if (image.modality !== 'CT' && image.modality !== 'MR') return null;
  return {
    positionLps: [0, 0, 0],
    row: [1, 0, 0],
    column: [0, 1, 0],
    thicknessMm: image.spacingMm[0],
    frameOfReferenceUid: deriveUid(`frame of reference ${seriesUid}`),
  };
}
