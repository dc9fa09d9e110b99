import type { ScalarArray, ScalarType } from '../../../preload/domain.ts';
import { swapBytes } from '../dicom/stored-values.ts';
import { allocateVoxels, VoxelStore } from '../voxel-store.ts';
import { rawTypeBytes } from './raw-header.ts';
import type { RawHeader, RawType } from './raw-header.ts';

const views: Record<RawType, (buffer: ArrayBuffer) => ArrayLike<number>> = {
  int8: (b) => new Int8Array(b),
  uint8: (b) => new Uint8Array(b),
  int16: (b) => new Int16Array(b),
  uint16: (b) => new Uint16Array(b),
  int32: (b) => new Int32Array(b),
  uint32: (b) => new Uint32Array(b),
  float32: (b) => new Float32Array(b),
  float64: (b) => new Float64Array(b),
  int64: (b) => Float64Array.from(new BigInt64Array(b), Number),
  uint64: (b) => Float64Array.from(new BigUint64Array(b), Number),
};

/** What voxels are kept as; wider types become float32, whole numbers what holds them. */
const kept: Record<RawType, ScalarType> = {
  int8: 'int8',
  uint8: 'uint8',
  int16: 'int16',
  uint16: 'uint16',
  int32: 'int32',
  uint32: 'uint32',
  int64: 'int16',
  uint64: 'int16',
  float32: 'float32',
  float64: 'float32',
};

/** Samples in file order → voxels: colour stays together without alpha, other components become frames one after another. */
export function arrangeSamples(
  bytes: Uint8Array,
  header: RawHeader,
  path: string,
): { voxels: ScalarArray; scalarType: ScalarType; samplesPerVoxel: 1 | 3 } {
  const { components, isColour } = header;
  const type = header.encoding === 'text' ? 'float64' : header.type;
  const width = rawTypeBytes[type];
  const raw = Uint8Array.from(bytes);
  if (!header.littleEndian && header.encoding !== 'text' && width > 1) swapBytes(raw, width);
  const samples = views[type](raw.buffer);
  const count = samples.length / components;
  if (isColour) {
    const voxels = allocateVoxels('uint8', count * 3, path);
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < 3; c++) voxels[3 * i + c] = samples[i * components + c] ?? 0;
    }
    return { voxels, scalarType: 'uint8', samplesPerVoxel: 3 };
  }
  const store = new VoxelStore(kept[header.type], samples.length, path);
  for (let c = 0; c < components; c++) store.put(components === 1 ? samples : every(samples, components, c), c * count);
  return { voxels: store.array, scalarType: store.scalarType, samplesPerVoxel: 1 };
}

function every(samples: ArrayLike<number>, step: number, start: number): Float64Array {
  const result = new Float64Array(samples.length / step);
  for (let i = 0; i < result.length; i++) result[i] = samples[i * step + start] ?? 0;
  return result;
}
