import { createHash } from 'node:crypto';
import { describeProvenance } from './synthetic-marks.ts';
import type { SyntheticProvenance } from './synthetic-marks.ts';
import { writeNifti } from './nifti-writer.ts';

/**
 * One synthetic image as a NIfTI of one axial slice (columns to patient left, rows to posterior) and its JSON side-car,
 * which carries the mark, the provenance and the SHA-256 of the NIfTI. Bytes instead of numbers are interleaved RGB (RGB24).
 * The file depends on the arguments only.
 */
export function writeSyntheticNifti(image: {
  pixels: Float32Array | Uint8Array;
  width: number;
  height: number;
  spacingMm: readonly [number, number];
  modality: string;
  provenance: SyntheticProvenance;
}): { nifti: Uint8Array; sidecar: string } {
  const { pixels, width, height, spacingMm, modality, provenance } = image;
  const colour = pixels instanceof Uint8Array;
  const nifti = writeNifti({
    voxels: pixels,
    scalarType: colour ? 'uint8' : 'float32',
    samplesPerVoxel: colour ? 3 : 1,
    columns: width,
    rows: height,
    slices: 1,
    frames: 1,
    spacingMm: [spacingMm[0], spacingMm[1], spacingMm[0]],
    originLps: [0, 0, 0],
    directionLps: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    description: `Synthetic, ${provenance.modelId} seed ${provenance.seed}`,
  });
  return { nifti, sidecar: sidecarText(nifti, { modality, synthetic: true, provenance }) };
}

/** The JSON beside a NIfTI; key names follow BIDS where it has them. */
export function sidecarText(
  nifti: Uint8Array,
  facts: { modality: string; synthetic: boolean; provenance: SyntheticProvenance | null },
): string {
  const { modality, synthetic, provenance } = facts;
  const digitalSourceType =
    provenance?.sourceSha256 == null ? 'trainedAlgorithmicMedia' : 'compositeWithTrainedAlgorithmicMedia';
  const content = {
    Modality: modality,
    SyntheticData: synthetic,
    ...(synthetic ? { DigitalSourceType: `http://cv.iptc.org/newscodes/digitalsourcetype/${digitalSourceType}` } : {}),
    ...(provenance === null ? {} : { Description: describeProvenance(provenance), Provenance: provenance }),
    Sha256: createHash('sha256').update(nifti).digest('hex'),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
