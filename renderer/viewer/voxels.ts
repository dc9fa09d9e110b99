import type { ScalarArray, ScalarType, Vector3, VolumeDescription } from '../../preload/domain.ts';
import { assetUrl } from '../client.ts';

/** The element types that Cornerstone draws. */
export type VoxelArray = Uint8Array | Uint16Array | Int16Array | Float32Array;

const loadTimeoutMs = 120_000;

/**
 * Voxels of a volume, column fastest, RGB interleaved, little endian. Values stay exact: 32-bit whole numbers become
 * float32 for the display only where every value fits.
 * @throws Error when the answer is late, not there, or of another size than described.
 */
export async function fetchVoxels(volume: VolumeDescription, signal: AbortSignal): Promise<VoxelArray> {
  const timeout = AbortSignal.timeout(loadTimeoutMs);
  const response = await fetch(assetUrl.volume(volume.id), { signal: AbortSignal.any([signal, timeout]) });
  if (!response.ok) throw new Error(`The pixels of this series could not be read (${response.status}). Open it again.`);
  const bytes = await response.arrayBuffer();
  const [columns, rows, slices] = volume.dimensions;
  const expected = columns * rows * slices * volume.samplesPerVoxel;
  const values = new arrays[volume.scalarType](bytes);
  if (values.length !== expected) {
    throw new Error(`This series has ${values.length} values where ${expected} were expected. Open it again.`);
  }
  return drawable(values);
}

/** Value of one voxel; for RGB the three samples. */
export function voxelValues(volume: VolumeDescription, voxels: VoxelArray, [i, j, k]: Vector3): number[] {
  const [columns, rows] = volume.dimensions;
  const first = ((k * rows + j) * columns + i) * volume.samplesPerVoxel;
  return Array.from({ length: volume.samplesPerVoxel }, (_, sample) => voxels[first + sample] ?? NaN);
}

const arrays: Record<ScalarType, new (buffer: ArrayBuffer) => ScalarArray> = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
};

function drawable(values: ScalarArray): VoxelArray {
  if (values instanceof Int8Array) return Int16Array.from(values);
  if (values instanceof Int32Array || values instanceof Uint32Array) return Float32Array.from(values);
  return values;
}
