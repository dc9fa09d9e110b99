import type { Elements } from './part10.ts';

export interface ReportImage {
  sopClassUid: string;
  sopInstanceUid: string;
  seriesUid: string;
}

/** How an item belongs to the one above it (PS3.3 table C.17.3-8). */
export type Relation = 'CONTAINS' | 'HAS CONCEPT MOD' | 'HAS OBS CONTEXT' | 'INFERRED FROM' | 'SELECTED FROM';

export function container(name: Elements, children: Elements[], template?: string): Elements {
  return {
    ...item('CONTAINS', 'CONTAINER', name),
    ContinuityOfContent: 'SEPARATE',
    ContentTemplateSequence:
      template === undefined ? undefined : [{ MappingResource: 'DCMR', TemplateIdentifier: template }],
    ContentSequence: children,
  };
}

export function codeItem(relation: Relation, name: Elements, value: Elements): Elements {
  return { ...item(relation, 'CODE', name), ConceptCodeSequence: [value] };
}

export function uidItem(relation: Relation, name: Elements, uid: string): Elements {
  return { ...item(relation, 'UIDREF', name), UID: uid };
}

export function textItem(relation: Relation, name: Elements, text: string): Elements {
  return { ...item(relation, 'TEXT', name), TextValue: text };
}

/** `unit` is a coded unit of measurement (UCUM). */
export function numberItem(
  name: Elements,
  { value, unit }: { value: number; unit: Elements },
  children: Elements[],
): Elements {
  return {
    ...item('CONTAINS', 'NUM', name),
    MeasuredValueSequence: [{ MeasurementUnitsCodeSequence: [unit], NumericValue: value, FloatingPointValue: value }],
    ContentSequence: children.length === 0 ? undefined : children,
  };
}

/** A place in the patient, points in mm (LPS). */
export function placeItem(
  relation: Relation,
  name: Elements,
  place: { type: string; points: number[]; frameOfReferenceUid: string },
): Elements {
  return {
    ...item(relation, 'SCOORD3D', name),
    GraphicType: place.type,
    GraphicData: place.points,
    ReferencedFrameOfReferenceUID: place.frameOfReferenceUid,
  };
}

export function imageItem(relation: Relation, name: Elements, image: ReportImage): Elements {
  return {
    ...item(relation, 'IMAGE', name),
    ReferencedSOPSequence: [
      { ReferencedSOPClassUID: image.sopClassUid, ReferencedSOPInstanceUID: image.sopInstanceUid },
    ],
  };
}

function item(relation: Relation, valueType: string, name: Elements): Elements {
  return { RelationshipType: relation, ValueType: valueType, ConceptNameCodeSequence: [name] };
}
