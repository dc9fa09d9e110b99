import type { Annotation, Measured } from '../../../preload/annotations.ts';
import type { Vector3 } from '../../../preload/domain.ts';
import type { Elements } from './part10.ts';
import {
  codeItem,
  container,
  imageItem,
  numberItem,
  placeItem,
  type ReportImage,
  textItem,
  uidItem,
} from './report-items.ts';
import { code } from './synthetic-marks.ts';
import { deriveUid } from './uid.ts';

interface GroupContext {
  modality: string;
  frameOfReferenceUid: string;
  image: ReportImage | undefined;
}

const names = {
  length: 'Length',
  angle: 'Angle',
  ellipse: 'Ellipse',
  rectangle: 'Rectangle',
  probe: 'Value at a point',
  text: 'Note',
  keyImage: 'Key image',
} as const;

/** One annotation as a measurement group: TID 1410 with its region where it has an area, else TID 1501. */
export function measurementGroup(annotation: Annotation, context: GroupContext): Elements {
  const { kind, label, measured, id } = annotation;
  const isRegion = kind === 'ellipse' || kind === 'rectangle';
  const region = placeItem('CONTAINS', code('111030', 'DCM', 'Image Region'), placeOf(annotation, context));
  const isNote = kind === 'text' || kind === 'keyImage';
  const { image } = context;
  const children = [
    textItem('HAS OBS CONTEXT', code('112039', 'DCM', 'Tracking Identifier'), label || names[kind]),
    uidItem('HAS OBS CONTEXT', code('112040', 'DCM', 'Tracking Unique Identifier'), deriveUid(`annotation ${id}`)),
    ...(isRegion ? [region] : []),
    ...(image === undefined ? [] : [imageItem('CONTAINS', code('121112', 'DCM', 'Source of Measurement'), image)]),
    ...(measured === null ? [] : numbers(annotation, measured, context)),
    ...(isNote ? [textItem('CONTAINS', code('121106', 'DCM', 'Comment'), label || names[kind])] : []),
  ];
  return container(code('125007', 'DCM', 'Measurement Group'), children, isRegion ? '1410' : '1501');
}

function numbers(annotation: Annotation, measured: Measured, context: GroupContext): Elements[] {
  const place = placeItem('INFERRED FROM', code('121055', 'DCM', 'Path'), placeOf(annotation, context));
  const isRegion = annotation.kind === 'ellipse' || annotation.kind === 'rectangle';
  const below = isRegion ? [] : [place];
  const lengthUnit = measured.lengthUnit === 'mm' ? code('mm', 'UCUM', 'mm') : code('{pixels}', 'UCUM', 'pixels');
  const areaUnit = measured.lengthUnit === 'mm' ? code('mm2', 'UCUM', 'mm2') : code('{pixels}', 'UCUM', 'pixels');
  const { quantity, unit } = intensity(context.modality, measured.unit);
  const derived = (value: number | undefined, derivation: Elements): Elements[] =>
    value === undefined
      ? []
      : [
          numberItem(quantity, { value, unit }, [
            codeItem('HAS CONCEPT MOD', code('121401', 'DCM', 'Derivation'), derivation),
            ...below,
          ]),
        ];
  const plain = (value: number | undefined, name: Elements, of: Elements): Elements[] =>
    value === undefined ? [] : [numberItem(name, { value, unit: of }, below)];
  return [
    ...plain(measured.length, code('410668003', 'SCT', 'Length'), lengthUnit),
    ...plain(measured.angleDegrees, code('1483009', 'SCT', 'Angle'), code('deg', 'UCUM', 'degree')),
    ...plain(measured.area, code('42798000', 'SCT', 'Area'), areaUnit),
    ...plain(measured.value, quantity, unit),
    ...derived(measured.mean, code('373098007', 'SCT', 'Mean')),
    ...derived(measured.standardDeviation, code('386136009', 'SCT', 'Standard Deviation')),
    ...derived(measured.minimum, code('255605001', 'SCT', 'Minimum')),
    ...derived(measured.maximum, code('56851009', 'SCT', 'Maximum')),
  ];
}

/** What a voxel value is called: of CID 7469 where the unit says it, else a value without dimension. */
function intensity(modality: string, unit: string): { quantity: Elements; unit: Elements } {
  if (unit === 'HU') {
    const quantity = code('112031', 'DCM', 'Attenuation Coefficient');
    return { quantity, unit: code("[hnsf'U]", 'UCUM', 'Hounsfield unit') };
  }
  if (unit.startsWith('SUV')) {
    const quantity = code('126401', 'DCM', 'SUVbw');
    return { quantity, unit: code('g/ml{SUVbw}', 'UCUM', 'Standardized Uptake Value body weight') };
  }
  const quantity =
    modality === 'MR' ? code('110852', 'DCM', 'MR signal intensity') : code('PIXELVALUE', '99VERISIM', 'Pixel value');
  return { quantity, unit: code('1', 'UCUM', 'no units') };
}

function placeOf({ kind, pointsLps, rightLps }: Annotation, { frameOfReferenceUid }: GroupContext) {
  const [a, b] = pointsLps;
  const at = (points: readonly Vector3[]) => points.flatMap((point) => [...point]);
  if (a !== undefined && b !== undefined && (kind === 'ellipse' || kind === 'rectangle')) {
    const box = cornersOf(a, b, rightLps);
    if (kind === 'rectangle') return { type: 'POLYGON', points: at([...box, a]), frameOfReferenceUid };
    const sides = box.map((corner, i) => middle(corner, box[(i + 1) % 4]!)) as [Vector3, Vector3, Vector3, Vector3];
    const [top, right, bottom, left] = sides;
    const [wide, high] = [distance(left, right), distance(top, bottom)];
    // The long axis comes first (PS3.3 C.18.9.1.2).
    const axes = wide >= high ? [left, right, top, bottom] : [top, bottom, left, right];
    return { type: 'ELLIPSE', points: at(axes), frameOfReferenceUid };
  }
  const type = pointsLps.length === 1 ? 'POINT' : 'POLYLINE';
  return { type, points: at(pointsLps), frameOfReferenceUid };
}

/** a, then along `right`, then the opposite corner b, then back. */
function cornersOf(a: Vector3, b: Vector3, right: Vector3): [Vector3, Vector3, Vector3, Vector3] {
  const along = right[0] * (b[0] - a[0]) + right[1] * (b[1] - a[1]) + right[2] * (b[2] - a[2]);
  const shift = (from: Vector3, by: number): Vector3 => [
    from[0] + right[0] * by,
    from[1] + right[1] * by,
    from[2] + right[2] * by,
  ];
  return [a, shift(a, along), b, shift(b, -along)];
}

function middle(a: Vector3, b: Vector3): Vector3 {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
}

function distance(a: Vector3, b: Vector3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
