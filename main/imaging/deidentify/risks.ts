import type { DicomHeader } from '../dicom/header.ts';
import { readHead } from '../dicom/read-head.ts';
import { readText } from '../dicom/element-values.ts';
import { headerOf } from '../dicom/header.ts';
import type { IndexedSeries } from '../indexed-series.ts';

/** Modalities whose pictures often carry a name in the pixels (PS3.15 E.3.1). */
const oftenBurnedIn = new Set(['US', 'IVUS', 'ES', 'XC', 'GM', 'OT', 'SC', 'XA', 'RF', 'ECG', 'DOC']);
const showsTheHead = /head|brain|skull|face|neck|orbit|sinus|kopf|sch[aä]del|hirn|cran/i;

/**
 * What taking identity out of the header cannot take out of the pixels, in whole sentences: text burned in, by what the tags and
 * the modality say, and faces that a scan of the head can be drawn with. Looks at the first file of a series.
 */
export async function pixelRisks(series: IndexedSeries): Promise<string[]> {
  if (series.summary.format !== 'dicom') return faceRisk(series.summary.modality, series.summary.description);
  const path = series.files[0]?.path ?? '';
  const { parsed, size, modifiedMs } = await readHead(path);
  const header = headerOf(parsed, { path, size, modifiedMs });
  const burnedIn = readText(parsed.dataSet, 'x00280301');
  const features = readText(parsed.dataSet, 'x00280302');
  const where = `${header.description} ${readText(parsed.dataSet, 'x00180015')} ${header.studyDescription}`;
  return [
    ...burnedInRisk(burnedIn, header),
    ...(features === 'YES'
      ? ['The files say that a person can be recognised in the images (0028,0302); faces are not removed.']
      : features === 'NO'
        ? []
        : faceRisk(header.modality, where)),
  ];
}

function burnedInRisk(statement: string, { modality, sopClassUid, imageType }: DicomHeader): string[] {
  if (statement === 'YES') {
    return ['The files say that text is burned into the pixels (0028,0301); it is not removed. Look at every image.'];
  }
  if (statement === 'NO') return [];
  const isCapture = sopClassUid.startsWith('1.2.840.10008.5.1.4.1.1.7');
  const isSaved = /SCREEN SAVE|SCREENSHOT|SECONDARY CAPTURE/i.test(imageType);
  if (!isCapture && !isSaved && !oftenBurnedIn.has(modality)) return [];
  const kind = isCapture || isSaved ? 'Captured screens' : `Images of modality ${modality}`;
  return [`${kind} often carry names in the pixels, and the files do not say otherwise. Look at every image.`];
}

function faceRisk(modality: string, where: string): string[] {
  if (!['CT', 'MR', 'PT'].includes(modality) || !showsTheHead.test(where)) return [];
  return ['A face can be drawn from a scan of the head; faces are not removed.'];
}
