import type { Vector3 } from '../../../preload/domain.ts';
import { imageElements } from '../../../main/imaging/export/image-elements.ts';
import { writePart10 } from '../../../main/imaging/export/part10.ts';
import { deriveUid } from '../../../main/imaging/export/uid.ts';

/** A whole MR slice at z mm, 4 × 4 unless told otherwise. */
export function sliceFile(slice: {
  z: number;
  series?: string;
  instance?: number;
  value?: number;
  row?: Vector3;
  column?: Vector3;
  size?: number;
}): Uint8Array {
  const { z, series = 'series', instance = z, value = z, row = [1, 0, 0], column = [0, 1, 0], size = 4 } = slice;
  return writePart10(
    imageElements({
      modality: 'MR',
      width: size,
      height: size,
      pixels: new Float32Array(size * size).fill(value),
      samples: 1,
      rescale: { slope: 1, intercept: 0, signed: false },
      inverted: false,
      window: { centre: 50, width: 100 },
      spacingMm: [1, 1],
      plane: { positionLps: [0, 0, z], row, column, thicknessMm: 1, frameOfReferenceUid: deriveUid('frame') },
      study: { uid: deriveUid('study'), description: '', date: '' },
      series: { uid: deriveUid(series), number: 1, description: '' },
      patient: { name: 'TEST^SLICE', id: 'TEST' },
      instanceUid: deriveUid(`${series} ${instance} ${z} ${row.join()}`),
      instanceNumber: instance,
      conversionType: 'WSD',
      imageType: ['ORIGINAL', 'PRIMARY', 'OTHER'],
    }),
  );
}
