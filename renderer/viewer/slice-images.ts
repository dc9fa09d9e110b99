import { cache, imageLoader, metaData, type Types, utilities } from '@cornerstonejs/core';
import type { Vector3 } from '../../preload/domain.ts';
import { cutSlice, placeSlice, type SliceSource } from './oriented-slice.ts';
import { indexToWorld } from './planes.ts';
import { noSlab, type Slab } from './slab.ts';

const scheme = 'verisim';

interface OfferedSlices extends SliceSource {
  slab: Slab;
}

/** The stacks that are open now. Cornerstone asks for their slices by identifier. */
const offered = new Map<number, OfferedSlices>();
let nextOffer = 0;

/** Makes the slices (or slabs) of a plane known; the returned function ends that. */
export function offerSlices(source: SliceSource, slab: Slab = noSlab): { imageIds: string[]; end: () => void } {
  const offer = nextOffer++;
  offered.set(offer, { ...source, slab });
  const imageIds = Array.from({ length: source.plane.sliceCount }, (_, slice) => `${scheme}:${offer}:${slice}`);
  return {
    imageIds,
    end() {
      offered.delete(offer);
      for (const imageId of imageIds) {
        if (cache.getImageLoadObject(imageId) !== undefined) cache.removeImageLoadObject(imageId, { force: true });
      }
    },
  };
}

function sliceOf(imageId: string): { source: OfferedSlices; slice: number } | null {
  const [, offer, slice] = imageId.split(':');
  const source = offered.get(Number(offer));
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
  const { source, slice } = found;
  const { volume } = source;
  const { pixels, columns, rows, spacingX, spacingY } = cutSlice(source, slice, source.slab);
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

function sliceMetadata(from: OfferedSlices, type: string, slice: number): unknown {
  const { volume, plane } = from;
  const { columns, rows, spacingX, spacingY, corner } = placeSlice(from, slice);
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
