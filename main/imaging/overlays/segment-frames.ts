import type { DataSet } from 'dicom-parser';
import type { Colour, OverlayLabel } from '../../../preload/overlays.ts';
import { firstItem, readItems, readNumber, readText, readUint16 } from '../dicom/element-values.ts';
import { colourOfLab, defaultColour } from './colours.ts';

/** One frame of a Segmentation: which segment it draws (0 in a label map, whose pixels say so) and what it was drawn on. */
export interface SegmentFrame {
  segment: number;
  sourceInstanceUid: string;
  sourceFrame: number;
}

export function readSegments(dataSet: DataSet): OverlayLabel[] {
  const characterSet = readText(dataSet, 'x00080005');
  return readItems(dataSet, 'x00620002').map((item, index) => {
    const value = readUint16(item, 'x00620004') ?? index + 1;
    const name = readText(item, 'x00620005', characterSet) || `Segment ${value}`;
    return { value, name, colour: colourOf(item) ?? defaultColour(index) };
  });
}

/** Segment Identification and Derivation Image of the functional groups (PS3.3 C.8.20.3), own before shared. */
export function readSegmentFrames(dataSet: DataSet, frameCount: number): SegmentFrame[] {
  const shared = firstItem(dataSet, 'x52009229');
  const perFrame = readItems(dataSet, 'x52009230');
  return Array.from({ length: frameCount }, (_, index) => {
    const group = (tag: string) => firstItem(perFrame[index], tag) ?? firstItem(shared, tag);
    const identified = group('x0062000a');
    const source = firstItem(group('x00089124'), 'x00082112');
    return {
      segment: (identified && readUint16(identified, 'x0062000b')) ?? 0,
      sourceInstanceUid: source === undefined ? '' : readText(source, 'x00081155'),
      sourceFrame: (source && readNumber(source, 'x00081160')) ?? 1,
    };
  });
}

function colourOf(item: DataSet): Colour | null {
  const lab = [0, 1, 2].map((i) => item.uint16('x0062000d', i));
  const [l, a, b] = lab;
  const element = item.elements['x0062000d'];
  if (element === undefined || element.length < 6 || l === undefined || a === undefined || b === undefined) return null;
  return colourOfLab([l, a, b]);
}
