import type { Direction9, Vector3 } from '../../../preload/domain.ts';
import { VerisimError } from '../../../preload/errors.ts';
import { isAnalyzeHead } from '../sniff.ts';
import { analyzeGeometry, niftiGeometry } from './geometry.ts';

export interface NiftiHeader {
  version: 1 | 2;
  littleEndian: boolean;
  /** Columns, rows, slices, and the product of all further dimensions. */
  dimensions: readonly [number, number, number, number];
  datatype: number;
  bitsPerVoxel: number;
  /** Of the voxels, in the .nii itself or in the .img beside the .hdr. */
  voxelOffset: number;
  isPair: boolean;
  /** Analyze 7.5: no magic, no orientation. */
  isAnalyze: boolean;
  slope: number;
  intercept: number;
  description: string;
  /** 1024 and more, or other intents of a statistic; 0 for none. */
  intentCode: number;
  displayMin: number;
  displayMax: number;
  spacingMm: Vector3;
  originLps: Vector3;
  directionLps: Direction9;
  sliceOriginsLps?: readonly Vector3[];
  warnings: string[];
}

/** Enough bytes for either version. */
export const niftiHeaderBytes = 540;

/**
 * Parses a NIfTI-1 (348 bytes) or NIfTI-2 (540 bytes) header in either byte order (nifti1.h, nifti2.h). The geometry is
 * the sform, else the qform, else that of Analyze, turned from RAS to LPS. Throws NiftiInvalid.
 */
export function parseNiftiHeader(bytes: Uint8Array, path: string): NiftiHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layout = findLayout(view) ?? (/\.hdr(\.gz)?$/i.test(path) ? findAnalyze(bytes, view) : null);
  if (layout === null) throw invalid(path, 'a header size of 348 or 540 with the NIfTI magic', describeHead(view));
  const { version, littleEndian } = layout;
  const field = version === 1 ? nifti1Fields(view, littleEndian) : nifti2Fields(view, littleEndian);
  const [rank = 0, ...extents] = field.dim;
  if (!(rank >= 1 && rank <= 7) || extents.slice(0, rank).some((n) => !(n >= 1) || !Number.isSafeInteger(n))) {
    throw invalid(path, '1 to 7 dimensions of at least 1', `dim = ${field.dim.join(', ')}`);
  }
  const extent = (axis: number) => (axis < rank ? (extents[axis] ?? 1) : 1);
  const dimensions = [extent(0), extent(1), extent(2), extent(3) * extent(4) * extent(5) * extent(6)] as const;
  const geometry = layout.isAnalyze
    ? analyzeGeometry(field.pixdim, dimensions)
    : niftiGeometry(view, {
        version,
        littleEndian,
        pixdim: field.pixdim,
        spaceUnit: field.units & 7,
        dimensions,
      });
  return {
    version,
    littleEndian,
    dimensions,
    datatype: field.datatype,
    bitsPerVoxel: field.bitsPerVoxel,
    voxelOffset: Math.max(field.voxelOffset, layout.isPair ? 0 : version === 1 ? 352 : 544),
    isPair: layout.isPair,
    isAnalyze: layout.isAnalyze,
    slope: Number.isFinite(field.slope) ? field.slope : 0,
    // Behind the scale of SPM's Analyze lies no intercept.
    intercept: Number.isFinite(field.intercept) && !layout.isAnalyze ? field.intercept : 0,
    description: readAscii(bytes, version === 1 ? 148 : 240, 80),
    intentCode: field.intentCode,
    displayMin: field.displayMin,
    displayMax: field.displayMax,
    ...geometry,
  };
}

interface Layout {
  version: 1 | 2;
  littleEndian: boolean;
  isPair: boolean;
  isAnalyze: boolean;
}

function findAnalyze(bytes: Uint8Array, view: DataView): Layout | null {
  if (!isAnalyzeHead(bytes)) return null;
  return { version: 1, littleEndian: view.getInt32(0, true) === 348, isPair: true, isAnalyze: true };
}

function findLayout(view: DataView): Layout | null {
  if (view.byteLength < 348) return null;
  for (const littleEndian of [true, false]) {
    const size = view.getInt32(0, littleEndian);
    if (size === 348) {
      const magic = magicAt(view, 344);
      if (magic === 'n+1' || magic === 'ni1')
        return { version: 1, littleEndian, isPair: magic === 'ni1', isAnalyze: false };
    }
    if (size === 540 && view.byteLength >= 540) {
      const magic = magicAt(view, 4);
      if (magic === 'n+2' || magic === 'ni2')
        return { version: 2, littleEndian, isPair: magic === 'ni2', isAnalyze: false };
    }
  }
  return null;
}

interface Fields {
  dim: number[];
  pixdim: number[];
  datatype: number;
  bitsPerVoxel: number;
  voxelOffset: number;
  slope: number;
  intercept: number;
  units: number;
  intentCode: number;
  displayMin: number;
  displayMax: number;
}

function nifti1Fields(view: DataView, little: boolean): Fields {
  return {
    dim: Array.from({ length: 8 }, (_, i) => view.getInt16(40 + 2 * i, little)),
    pixdim: Array.from({ length: 8 }, (_, i) => view.getFloat32(76 + 4 * i, little)),
    datatype: view.getInt16(70, little),
    bitsPerVoxel: view.getInt16(72, little),
    voxelOffset: view.getFloat32(108, little),
    slope: view.getFloat32(112, little),
    intercept: view.getFloat32(116, little),
    units: view.getUint8(123),
    intentCode: view.getInt16(68, little),
    displayMax: view.getFloat32(124, little),
    displayMin: view.getFloat32(128, little),
  };
}

function nifti2Fields(view: DataView, little: boolean): Fields {
  return {
    dim: Array.from({ length: 8 }, (_, i) => Number(view.getBigInt64(16 + 8 * i, little))),
    pixdim: Array.from({ length: 8 }, (_, i) => view.getFloat64(104 + 8 * i, little)),
    datatype: view.getInt16(12, little),
    bitsPerVoxel: view.getInt16(14, little),
    voxelOffset: Number(view.getBigInt64(168, little)),
    slope: view.getFloat64(176, little),
    intercept: view.getFloat64(184, little),
    units: view.getInt32(500, little),
    intentCode: view.getInt32(504, little),
    displayMax: view.getFloat64(192, little),
    displayMin: view.getFloat64(200, little),
  };
}

function magicAt(view: DataView, offset: number): string {
  return String.fromCharCode(view.getUint8(offset), view.getUint8(offset + 1), view.getUint8(offset + 2));
}

function readAscii(bytes: Uint8Array, start: number, length: number): string {
  const text = Buffer.from(bytes.subarray(start, start + length)).toString('latin1');
  return text.split('\0')[0]?.trim() ?? '';
}

function describeHead(view: DataView): string {
  return view.byteLength < 348 ? `${view.byteLength} bytes` : `header size ${view.getInt32(0, true)}`;
}

export function invalid(path: string, expected: string, found: string): VerisimError {
  return new VerisimError(
    'NiftiInvalid',
    `"${path}" is not a usable NIfTI file: expected ${expected}, found ${found}.`,
    {
      path,
      expected,
      found,
    },
  );
}
