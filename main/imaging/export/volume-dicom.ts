import type { Vector3, Volume } from '../../../preload/domain.ts';
import { defaultWindow, displayTurn, extractSlice } from '../slice.ts';
import { imageElements } from './image-elements.ts';
import type { DicomImage } from './image-elements.ts';
import { writePart10 } from './part10.ts';
import { chooseRescale } from './quantise.ts';
import type { SeriesIdentity } from './series-identity.ts';
import { syntheticMarks } from './synthetic-marks.ts';
import { deriveUid } from './uid.ts';

/**
 * The slices of a volume as single-frame DICOM files, in order of k. Grey slices are turned to display convention (rows
 * to the posterior or the feet), and their planes with them, so that every voxel keeps its place in the patient. Whole
 * numbers of up to 16 bits stay exact; other values are spread over 65,536 steps of the volume's range.
 */
export function* writeVolumeDicom(
  volume: Volume,
  identity: SeriesIdentity,
  slicesPerFrame: number,
): Generator<Uint8Array> {
  for (const { elements } of volumeImages(volume, identity, slicesPerFrame)) yield writePart10(elements);
}

/** The slices as images with all their elements, in order of k. */
export function* volumeImages(
  volume: Volume,
  identity: SeriesIdentity,
  slicesPerFrame: number,
  sign: 'signed' | 'unsigned' = 'signed',
): Generator<{ image: DicomImage; elements: ReturnType<typeof imageElements> }> {
  const { min, max } = volume.range;
  const chosen = chooseRescale({ min, max }, volume.scalarType !== 'float32');
  // Some objects hold no negative numbers: the intercept takes them up.
  const isMoved = chosen.signed && sign === 'unsigned';
  const rescale = isMoved ? { slope: 1, intercept: min, signed: false } : chosen;
  const marks = volume.synthetic ? syntheticMarks(null, null) : {};
  for (let k = 0; k < volume.dimensions[2]; k++) {
    const slice = volume.samplesPerVoxel === 3 ? colourSlice(volume, k) : extractSlice(volume, k);
    const image: DicomImage = {
      modality: identity.modality,
      width: slice.width,
      height: slice.height,
      pixels: slice.pixels,
      samples: volume.samplesPerVoxel,
      rescale,
      inverted: volume.inverted,
      window: defaultWindow(volume),
      spacingMm: slice.spacingMm,
      plane: planeOf(volume, k % slicesPerFrame, identity.frameOfReferenceUid),
      study: identity.study,
      series: identity.series,
      patient: identity.patient,
      instanceUid: deriveUid(`instance ${identity.series.uid} ${k}`),
      instanceNumber: k + 1,
      eightBit: rescale.slope === 1 && min >= 0 && max <= 255,
      conversionType: volume.synthetic ? 'SYN' : 'WSD',
      imageType: volume.synthetic ? ['DERIVED', 'SECONDARY', ...identity.imageType.slice(2)] : identity.imageType,
    };
    yield { image, elements: { ...imageElements(image), ...identity.further, ...marks } };
  }
}

function colourSlice(volume: Volume, k: number) {
  const [width, height] = volume.dimensions;
  const size = width * height * 3;
  const spacingMm = [volume.spacingMm[0], volume.spacingMm[1]] as const;
  return { width, height, spacingMm, pixels: volume.voxels.subarray(k * size, (k + 1) * size) };
}

/** `slice` counts along the normal: time points follow each other in k and share positions. */
function planeOf(volume: Volume, slice: number, frameOfReferenceUid: string): DicomImage['plane'] {
  const d = volume.directionLps;
  const [columns, rows] = volume.dimensions;
  const [dx, dy, dz] = volume.spacingMm;
  const across: Vector3 = [d[0], d[1], d[2]];
  const down: Vector3 = [d[3], d[4], d[5]];
  const normal: Vector3 = [d[6], d[7], d[8]];
  const turn = volume.samplesPerVoxel === 3 ? unturned : displayTurn(volume);
  const flipI = turn.transposed ? turn.flippedRows : turn.flippedColumns;
  const flipJ = turn.transposed ? turn.flippedColumns : turn.flippedRows;
  const i = flipI ? (columns - 1) * dx : 0;
  const j = flipJ ? (rows - 1) * dy : 0;
  const start = volume.sliceOriginsLps?.[slice] ?? volume.originLps;
  const depth = volume.sliceOriginsLps === undefined ? slice * dz : 0;
  const at = (axis: 0 | 1 | 2) => start[axis] + across[axis] * i + down[axis] * j + normal[axis] * depth;
  const row = scaled(turn.transposed ? down : across, turn.flippedColumns ? -1 : 1);
  const column = scaled(turn.transposed ? across : down, turn.flippedRows ? -1 : 1);
  return { positionLps: [at(0), at(1), at(2)], row, column, thicknessMm: dz, frameOfReferenceUid };
}

const unturned = { transposed: false, flippedColumns: false, flippedRows: false };

function scaled(v: Vector3, factor: number): Vector3 {
  return [v[0] * factor + 0, v[1] * factor + 0, v[2] * factor + 0];
}
