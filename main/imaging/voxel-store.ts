import type { ScalarArray, ScalarType } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';

/** Voxel counts above this are refused before anything is allocated: 2^31 − 1 bytes is what the viewer can hold. */
export const largestVolumeBytes = 2 ** 31 - 1;

const constructors = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
} as const;

const limits: Record<ScalarType, readonly [number, number]> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  float32: [-Infinity, Infinity],
};

/** Narrowest first: what whole numbers outgrow one type into. */
const widening: readonly ScalarType[] = ['uint8', 'int16', 'uint16', 'int32', 'float32'];

export function allocateVoxels(type: ScalarType, length: number, path: string): ScalarArray {
  assertFits(type, length, path);
  return new constructors[type](length);
}

/** As `allocateVoxels`, in memory that threads share. */
export function allocateShared(type: ScalarType, length: number, path: string): SharedArrayBuffer {
  assertFits(type, length, path);
  return new SharedArrayBuffer(length * constructors[type].BYTES_PER_ELEMENT);
}

export function voxelsOver(buffer: SharedArrayBuffer, type: ScalarType): ScalarArray {
  const View: new (memory: SharedArrayBuffer) => ScalarArray = constructors[type];
  return new View(buffer);
}

function assertFits(type: ScalarType, length: number, path: string): void {
  const bytes = length * constructors[type].BYTES_PER_ELEMENT;
  if (Number.isSafeInteger(length) && bytes <= largestVolumeBytes) return;
  throw new VerisimError(
    'TooLarge',
    `"${path}" needs ${(bytes / 2 ** 30).toFixed(1)} GiB in memory; Verisim opens volumes up to 2 GiB.`,
    { path, expected: 'at most 2 GiB of voxels', found: `${(bytes / 2 ** 30).toFixed(1)} GiB` },
  );
}

/**
 * Collects rescaled values and keeps them in the smallest scalar type that holds all of them exactly: uint8 only for
 * 8-bit data, then int16, uint16, int32; float32 as soon as one value is not whole.
 */
export class VoxelStore {
  private voxels: ScalarArray;
  private type: ScalarType;
  private readonly path: string;

  constructor(type: ScalarType, length: number, path: string) {
    this.voxels = allocateVoxels(type, length, path);
    this.type = type;
    this.path = path;
  }

  put(values: ArrayLike<number>, offset: number): void {
    if (this.type !== 'float32' && !alwaysFits(values, this.type)) this.fit(values);
    this.voxels.set(values, offset);
  }

  get scalarType(): ScalarType {
    return this.type;
  }

  get array(): ScalarArray {
    return this.voxels;
  }

  private fit(values: ArrayLike<number>): void {
    let low = Infinity;
    let high = -Infinity;
    let whole = true;
    const length = values.length;
    for (let i = 0; i < length; i++) {
      const value = values[i] as number;
      if (value < low) low = value;
      if (value > high) high = value;
      if (whole && !Number.isInteger(value)) whole = false;
    }
    const [min, max] = limits[this.type];
    if (whole && low >= min && high <= max) return;
    const soFar = rangeOf(this.voxels);
    const from = Math.min(low, soFar[0]);
    const to = Math.max(high, soFar[1]);
    const next = whole
      ? widening.find((type) => type !== 'uint8' && from >= limits[type][0] && to <= limits[type][1])
      : 'float32';
    this.type = next ?? 'float32';
    const wider = allocateVoxels(this.type, this.voxels.length, this.path);
    wider.set(this.voxels);
    this.voxels = wider;
  }
}

/** No value of these arrays can lie outside the type, so none needs to be looked at. */
function alwaysFits(values: ArrayLike<number>, type: ScalarType): boolean {
  if (values instanceof constructors[type]) return true;
  return values instanceof Uint8Array && limits[type][1] >= 255;
}

function rangeOf(values: ScalarArray): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
