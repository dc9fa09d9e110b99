import { basename } from 'node:path';
import { readItems, readText } from '../dicom/element-values.ts';
import type { ParsedDataSet } from '../dicom/data-set.ts';
import { shortHash } from '../dicom/short-hash.ts';
import type { IndexedOverlay } from '../indexed-series.ts';

/** Segmentation, Label Map Segmentation and RT Structure Set Storage (PS3.6 annex A). */
const overlayClasses: Record<string, IndexedOverlay['kind']> = {
  '1.2.840.10008.5.1.4.1.1.66.4': 'segmentation',
  '1.2.840.10008.5.1.4.1.1.66.7': 'segmentation',
  '1.2.840.10008.5.1.4.1.1.481.3': 'structures',
};

/** What an object that lies over images refers to; null for all other objects. */
export function recogniseOverlay({ dataSet }: ParsedDataSet, path: string): IndexedOverlay | null {
  const kind = overlayClasses[readText(dataSet, 'x00080016')];
  if (kind === undefined) return null;
  const characterSet = readText(dataSet, 'x00080005');
  const text = (tag: string) => readText(dataSet, tag, characterSet);
  const frames = readItems(dataSet, 'x30060010');
  const referenced =
    kind === 'segmentation'
      ? readItems(dataSet, 'x00081115')
      : frames.flatMap((frame) => readItems(frame, 'x30060012').flatMap((study) => readItems(study, 'x30060014')));
  const title = text('x30060002') || text('x0008103e') || text('x00700080') || basename(path);
  return {
    id: shortHash(`overlay|${text('x00080018')}|${title}`),
    kind,
    path,
    title,
    seriesUids: [...new Set(referenced.map((item) => readText(item, 'x0020000e')).filter(Boolean))],
    studyUid: text('x0020000d'),
    frameOfReferenceUid: text('x00200052') || (frames[0] === undefined ? '' : readText(frames[0], 'x00200052')),
  };
}

/** By the series that the object names; where it names none, by a frame of reference in the same study. */
export function liesOver(
  overlay: IndexedOverlay,
  uids: { series: string; study: string; frameOfReference: string },
): boolean {
  if (overlay.seriesUids.length > 0) return overlay.seriesUids.includes(uids.series);
  if (overlay.frameOfReferenceUid === '') return false;
  return overlay.frameOfReferenceUid === uids.frameOfReference && overlay.studyUid === uids.study;
}
