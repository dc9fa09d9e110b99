import { imageLoader, metaData, type Types, utilities } from '@cornerstonejs/core';
import type { Vector3, VolumeDescription } from '../../preload/domain.ts';
import { axisDirection, dot, indexToWorld, type Plane, type PlaneName } from './planes.ts';
import type { VoxelArray } from './voxels.ts';

const scheme = 'verisim';

export interface SliceSource {
  volume: VolumeDescription;
  voxels: VoxelArray;
  plane: Plane;
}

/** The planes that are open now. Cornerstone asks for their slices by identifier. */
const sources: Partial<Record<PlaneName, SliceSource>> = {};

/** Makes the slices of a plane known; the returned function ends that. */
export function offerSlices(source: SliceSource): { imageIds: string[]; end: () => void } {
  const { volume, plane } = source;
  sources[plane.name] = source;
  return {
    imageIds: Array.from({ length: plane.sliceCount }, (_, slice) => `${scheme}:${volume.id}:${plane.name}:${slice}`),
    end: () => {
      if (sources[plane.name] === source) delete sources[plane.name];
    },
  };
}

function sliceOf(imageId: string): { source: SliceSource; slice: number } | null {
  const [, , plane, slice] = imageId.split(':');
  const source = sources[plane as PlaneName];
  return source === undefined ? null : { source, slice: Number(slice) };
}

/** Lets Cornerstone ask for single images and their places by identifier. */
export function serveSliceImages(): void {
  imageLoader.registerImageLoader(scheme, (imageId) => ({ promise: Promise.resolve(sliceImage(imageId)) }));
  metaData.addProvider((type: string, imageId: string) => {
    const found = typeof imageId === 'string' && imageId.startsWith(`${scheme}:`) ? sliceOf(imageId) : null;
    return found === null ? undefined : sliceMetadata(found.source, type, found.slice);
  }, 10_000);
}

function sliceImage(imageId: string): Types.IImage {
  const found = sliceOf(imageId);
  if (found === null) throw new Error(`The plane of ${imageId} is not open any more.`);
  const { volume } = found.source;
  const { pixels, columns, rows, spacingX, spacingY } = orientedSlice(found.source, found.slice);
  const colour = volume.samplesPerVoxel === 3;
  const voxelManager = utilities.VoxelManager.createImageVoxelManager({
    width: columns,
    height: rows,
    numberOfComponents: volume.samplesPerVoxel,
    scalarData: pixels,
    id: imageId,
  });
  return {
    imageId,
    minPixelValue: volume.range.min,
    maxPixelValue: volume.range.max,
    slope: 1,
    intercept: 0,
    windowCenter: (volume.range.min + volume.range.max) / 2,
    windowWidth: Math.max(volume.range.max - volume.range.min, Number.EPSILON),
    voiLUTFunction: 'LINEAR' as Types.IImage['voiLUTFunction'],
    getPixelData: () => pixels,
    getCanvas: () => document.createElement('canvas'),
    rows,
    columns,
    height: rows,
    width: columns,
    color: colour,
    rgba: false,
    numberOfComponents: volume.samplesPerVoxel,
    columnPixelSpacing: spacingX,
    rowPixelSpacing: spacingY,
    invert: false,
    photometricInterpretation: colour ? 'RGB' : 'MONOCHROME2',
    sizeInBytes: pixels.byteLength,
    dataType: pixels.constructor.name as Types.PixelDataTypedArrayString,
    voxelManager: voxelManager as Types.IImage['voxelManager'],
  };
}

function sliceMetadata(from: SliceSource, type: string, slice: number): unknown {
  const { volume, plane } = from;
  const { columns, rows, spacingX, spacingY, corner } = orientation(from, slice);
  const down: Vector3 = [-plane.up[0], -plane.up[1], -plane.up[2]];
  const bits = { uint8: 8, int8: 16, uint16: 16, int16: 16, uint32: 32, int32: 32, float32: 32 }[volume.scalarType];
  const answers: Record<string, unknown> = {
    imagePlaneModule: {
      frameOfReferenceUID: volume.frameOfReferenceUid || volume.id,
      rows,
      columns,
      imageOrientationPatient: [...plane.right, ...down],
      rowCosines: plane.right,
      columnCosines: down,
      imagePositionPatient: indexToWorld(volume, corner),
      pixelSpacing: [spacingY, spacingX],
      rowPixelSpacing: spacingY,
      columnPixelSpacing: spacingX,
    },
    imagePixelModule: {
      samplesPerPixel: volume.samplesPerVoxel,
      photometricInterpretation: volume.samplesPerVoxel === 3 ? 'RGB' : 'MONOCHROME2',
      rows,
      columns,
      bitsAllocated: bits,
      bitsStored: bits,
      highBit: bits - 1,
      pixelRepresentation: volume.scalarType.startsWith('int') ? 1 : 0,
    },
    generalSeriesModule: { modality: volume.modality },
  };
  return answers[type];
}

/** How a slice lies on the screen: columns run along the plane's right, rows along its down. */
function orientation({ volume, plane }: SliceSource, slice: number) {
  const [first, second] = ([0, 1, 2] as const).filter((axis) => axis !== plane.axis) as [0 | 1 | 2, 0 | 1 | 2];
  const along = (axis: 0 | 1 | 2, direction: Vector3) => dot(axisDirection(volume.directionLps, axis), direction);
  const columnAxis = Math.abs(along(first, plane.right)) > 0.5 ? first : second;
  const rowAxis = columnAxis === first ? second : first;
  const columnForward = along(columnAxis, plane.right) > 0;
  const rowForward = along(rowAxis, plane.up) < 0;
  const columns = volume.dimensions[columnAxis];
  const rows = volume.dimensions[rowAxis];
  const corner: [number, number, number] = [0, 0, 0];
  corner[plane.axis] = slice;
  corner[columnAxis] = columnForward ? 0 : columns - 1;
  corner[rowAxis] = rowForward ? 0 : rows - 1;
  return {
    columns,
    rows,
    spacingX: volume.spacingMm[columnAxis],
    spacingY: volume.spacingMm[rowAxis],
    corner,
    columnAxis,
    rowAxis,
    columnStep: columnForward ? 1 : -1,
    rowStep: rowForward ? 1 : -1,
  };
}

function orientedSlice(from: SliceSource, slice: number) {
  const { volume, voxels } = from;
  const placed = orientation(from, slice);
  const { columns, rows, corner, columnAxis, rowAxis } = placed;
  const samples = volume.samplesPerVoxel;
  const strides = [1, volume.dimensions[0], volume.dimensions[0] * volume.dimensions[1]] as const;
  const start = corner[0] * strides[0] + corner[1] * strides[1] + corner[2] * strides[2];
  const columnStride = strides[columnAxis] * placed.columnStep;
  const rowStride = strides[rowAxis] * placed.rowStep;
  const pixels = new (voxels.constructor as new (length: number) => VoxelArray)(columns * rows * samples);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const voxel = (start + row * rowStride + column * columnStride) * samples;
      for (let sample = 0; sample < samples; sample += 1) pixels[at++] = voxels[voxel + sample]!;
    }
  }
  return { ...placed, pixels };
}
