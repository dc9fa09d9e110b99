import type { Annotation, AnnotationKind } from '../../preload/annotations.ts';

export const annotationNames: Record<AnnotationKind, string> = {
  length: 'Length',
  angle: 'Angle',
  ellipse: 'Ellipse',
  rectangle: 'Rectangle',
  probe: 'Value',
  text: 'Note',
  keyImage: 'Key image',
};

/** What an annotation says beside its figure, a line each. */
export function annotationLines({ label, measured }: Pick<Annotation, 'label' | 'measured'>): string[] {
  const lines = label === '' ? [] : [label];
  if (measured === null) return lines;
  const { lengthUnit, length, angleDegrees, area, mean, standardDeviation, minimum, maximum, value } = measured;
  const unit = measured.unit === '' ? '' : ` ${measured.unit}`;
  if (length !== undefined) lines.push(`${readable(length)} ${lengthUnit}`);
  if (angleDegrees !== undefined) lines.push(`${readable(angleDegrees)}°`);
  if (value !== undefined) lines.push(`${readable(value)}${unit}`);
  if (area !== undefined) lines.push(`${readable(area)} ${lengthUnit}²`);
  if (mean !== undefined && standardDeviation !== undefined) {
    lines.push(`mean ${readable(mean)} ± ${readable(standardDeviation)}${unit}`);
  }
  if (minimum !== undefined && maximum !== undefined) lines.push(`${readable(minimum)} to ${readable(maximum)}${unit}`);
  return lines;
}

/** One decimal, more where the number is small. */
function readable(value: number): string {
  const text = Math.abs(value) >= 10 || Number.isInteger(value) ? value.toFixed(1) : value.toPrecision(3);
  return String(Number(text)).replace('-', '−');
}
