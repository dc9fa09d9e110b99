import type { DataSet } from 'dicom-parser';
import type { Vector3 } from '../../../preload/domain.ts';
import { firstItem, readDouble, readItems, readNumber, readNumbers, readText } from './element-values.ts';
import { plainOrder } from './frame-order.ts';
import { reconstructedFrames } from './nuclear.ts';

/** Direction of a row (increasing column), then of a column (increasing row), in LPS. */
export type Orientation6 = readonly [number, number, number, number, number, number];

export interface FrameHeader {
  /** Centre of the first pixel, LPS in mm; null where the file gives none. */
  positionLps: Vector3 | null;
  orientation: Orientation6 | null;
  /** Between columns, then between rows. */
  pixelSpacingMm: readonly [number, number] | null;
  sliceThicknessMm: number | null;
  rescaleSlope: number;
  rescaleIntercept: number;
  /** Frame Type of enhanced objects, as magnitude and phase; '' where only the file has a type. */
  kind: string;
  /** Orders frames that share a position: time, echo, b-value, acquisition, instance. */
  order: readonly number[];
}

/**
 * Geometry and rescale of each frame: per-frame then shared functional groups of enhanced objects (PS3.3 C.7.6.16),
 * else the data set itself; Grid Frame Offset Vector for dose grids (C.8.8.3).
 */
export function readFrames(dataSet: DataSet, frameCount: number): FrameHeader[] {
  const shared = firstItem(dataSet, 'x52009229');
  const perFrame = readItems(dataSet, 'x52009230');
  const offsets = readNumbers(dataSet, 'x3004000c');
  const whole = plainFrame(dataSet);
  const reconstructed = reconstructedFrames(whole, dataSet, frameCount);
  if (reconstructed !== null) return reconstructed;
  return Array.from({ length: frameCount }, (_, index) => {
    const own = perFrame[index];
    if (own !== undefined || shared !== undefined) return enhancedFrame({ dataSet, own, shared, whole, index });
    const frame = { ...whole, order: [...whole.order, index] };
    const offset = offsets[index];
    return offset === undefined || offsets.length !== frameCount ? frame : displaced(frame, offset, offsets[0] ?? 0);
  });
}

function plainFrame(dataSet: DataSet): FrameHeader {
  const spacing =
    pair(readNumbers(dataSet, 'x00280030')) ??
    pair(readNumbers(dataSet, 'x00181164')) ??
    pair(readNumbers(dataSet, 'x00182010'));
  return {
    positionLps: vectorOf(readNumbers(dataSet, 'x00200032')),
    orientation: orientationOf(readNumbers(dataSet, 'x00200037')),
    pixelSpacingMm: spacing ?? ultrasoundSpacing(dataSet),
    sliceThicknessMm: readNumber(dataSet, 'x00180088') ?? readNumber(dataSet, 'x00180050'),
    rescaleSlope: nonZero(readNumber(dataSet, 'x00281053') ?? readNumber(dataSet, 'x3004000e')),
    rescaleIntercept: readNumber(dataSet, 'x00281052') ?? 0,
    kind: '',
    order: plainOrder(dataSet),
  };
}

function enhancedFrame(options: {
  dataSet: DataSet;
  own: DataSet | undefined;
  shared: DataSet | undefined;
  whole: FrameHeader;
  index: number;
}): FrameHeader {
  const { own, shared, whole, index } = options;
  const group = (tag: string) => firstItem(own, tag) ?? firstItem(shared, tag);
  const values = (tag: string, element: string) => {
    const item = group(tag);
    return item === undefined ? [] : readNumbers(item, element);
  };
  const content = group('x00209111');
  const double = (tag: string, element: string) => {
    const item = group(tag);
    return (item && readDouble(item, element)) ?? 0;
  };
  const typed = group('x00189226') ?? group('x00189329') ?? group('x00189751');
  const dimensions = content?.elements['x00209157'];
  const dimensionValues =
    content === undefined || dimensions === undefined
      ? []
      : Array.from({ length: dimensions.length / 4 }, (_, i) => content.uint32('x00209157', i) ?? 0);
  return {
    positionLps: vectorOf(values('x00209113', 'x00200032')) ?? whole.positionLps,
    orientation: orientationOf(values('x00209116', 'x00200037')) ?? whole.orientation,
    pixelSpacingMm: pair(values('x00289110', 'x00280030')) ?? whole.pixelSpacingMm,
    sliceThicknessMm: values('x00289110', 'x00180050')[0] ?? whole.sliceThicknessMm,
    rescaleSlope: nonZero(values('x00289145', 'x00281053')[0] ?? whole.rescaleSlope),
    rescaleIntercept: values('x00289145', 'x00281052')[0] ?? whole.rescaleIntercept,
    kind: typed === undefined ? '' : readText(typed, 'x00089007'),
    order: [
      content?.uint32('x00209128') ?? 0,
      double('x00189114', 'x00189082'),
      double('x00189117', 'x00189087'),
      double('x00189118', 'x00209153'),
      ...dimensionValues,
      index,
    ],
  };
}

/** Grid Frame Offset Vector begins with 0 for relative offsets; else it holds positions along the normal. */
function displaced(frame: FrameHeader, offset: number, first: number): FrameHeader {
  const { positionLps: p, orientation } = frame;
  if (p === null || orientation === null) return frame;
  const distance = offset - first;
  const normal = normalOf(orientation);
  return {
    ...frame,
    positionLps: [p[0] + normal[0] * distance, p[1] + normal[1] * distance, p[2] + normal[2] * distance],
  };
}

/** Sequence of Ultrasound Regions: Physical Delta in cm (unit code 3). */
function ultrasoundSpacing(dataSet: DataSet): readonly [number, number] | null {
  const region = firstItem(dataSet, 'x00186011');
  if (region === undefined || region.uint16('x00186024') !== 3) return null;
  const across = Math.abs(readDouble(region, 'x0018602c') ?? 0) * 10;
  const down = Math.abs(readDouble(region, 'x0018602e') ?? 0) * 10;
  return across > 0 && down > 0 ? [across, down] : null;
}

/** DICOM gives the row spacing first. */
function pair(values: number[]): readonly [number, number] | null {
  const [betweenRows, betweenColumns] = values;
  if (betweenRows === undefined || betweenRows <= 0) return null;
  return [betweenColumns !== undefined && betweenColumns > 0 ? betweenColumns : betweenRows, betweenRows];
}

export function vectorOf(values: number[]): Vector3 | null {
  const [x, y, z] = values;
  return x === undefined || y === undefined || z === undefined ? null : [x, y, z];
}

/** Null unless two unit vectors at right angles (to 1e-2, as scanners round). */
export function orientationOf(values: number[]): Orientation6 | null {
  const [a, b, c, d, e, f] = values;
  if (a === undefined || b === undefined || c === undefined) return null;
  if (d === undefined || e === undefined || f === undefined) return null;
  const rowLength = Math.hypot(a, b, c);
  const columnLength = Math.hypot(d, e, f);
  const crossed = Math.abs(a * d + b * e + c * f) > 1e-2;
  if (crossed || Math.abs(rowLength - 1) > 1e-2 || Math.abs(columnLength - 1) > 1e-2) return null;
  // The file's own digits where they are as good as a unit vector: so places agree with those of other readers.
  const [row, column] = [rowLength, columnLength].map((length) =>
    Math.abs(length - 1) < roundingOfUnits ? 1 : length,
  );
  if (row === undefined || column === undefined) return null;
  return [a / row, b / row, c / row, d / column, e / column, f / column];
}

/** Row × column direction (PS3.3 C.7.6.2). */
export function normalOf(o: Orientation6): Vector3 {
  return [o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]];
}

const roundingOfUnits = 1e-3;

function nonZero(slope: number | null): number {
  return slope === null || slope === 0 ? 1 : slope;
}
