import type { DataSet } from 'dicom-parser';
import type { Overlay, OverlayContour } from '../../../preload/overlays.ts';
import { VerisimError } from '../../../preload/errors.ts';
import { readItems, readNumber, readNumbers, readText } from '../dicom/element-values.ts';
import { tryParse } from '../dicom/read-head.ts';
import type { IndexedOverlay } from '../indexed-series.ts';
import { readWholeFile } from '../read-file.ts';
import { defaultColour } from './colours.ts';

type Outlines = Extract<Overlay, { kind: 'outlines' }>;

const shapes: Record<string, OverlayContour['shape']> = {
  CLOSED_PLANAR: 'closed',
  CLOSEDPLANAR_XOR: 'closed',
  OPEN_PLANAR: 'open',
  OPEN_NONPLANAR: 'open',
  POINT: 'points',
};

/** The regions of an RT Structure Set with their contours in patient coordinates (PS3.3 C.8.8.5, C.8.8.6). */
export async function loadStructures(overlay: IndexedOverlay, signal?: AbortSignal): Promise<Outlines> {
  const { path, id, title } = overlay;
  const parsed = tryParse(await readWholeFile(path, signal), path, true);
  if (parsed === null) throw new VerisimError('DicomInvalid', `"${path}" is cut off.`, { path });
  const { dataSet } = parsed;
  const characterSet = readText(dataSet, 'x00080005');
  const contours = new Map(readItems(dataSet, 'x30060039').map((item) => [readNumber(item, 'x30060084'), item]));
  const warnings: string[] = [];
  const structures = readItems(dataSet, 'x30060020').map((roi, index) => {
    const number = readNumber(roi, 'x30060022') ?? index + 1;
    const name = readText(roi, 'x30060026', characterSet) || `Structure ${number}`;
    const drawn = contours.get(number);
    const [red, green, blue] = drawn === undefined ? [] : readNumbers(drawn, 'x3006002a');
    const hasColour = red !== undefined && green !== undefined && blue !== undefined;
    const outlines = drawn === undefined ? [] : readItems(drawn, 'x30060040').flatMap((item) => contourOf(item) ?? []);
    if (outlines.length === 0) warnings.push(`${name} has no contours.`);
    return {
      number,
      name,
      colour: hasColour ? ([red, green, blue] as const) : defaultColour(index),
      contours: outlines,
    };
  });
  return { kind: 'outlines', id, title, warnings, structures };
}

/** Null where the coordinates are not whole points. */
function contourOf(item: DataSet): OverlayContour | null {
  const pointsLps = readNumbers(item, 'x30060050');
  if (pointsLps.length < 3 || pointsLps.length % 3 !== 0) return null;
  return { shape: shapes[readText(item, 'x30060042')] ?? 'closed', pointsLps };
}
