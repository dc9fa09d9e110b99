import { stat } from 'node:fs/promises';
import { VerisimError } from '../../../preload/errors.ts';
import { readStart } from '../nifti/read.ts';
import { sniff, sniffLength } from '../sniff.ts';
import { openDicomSlide } from './dicom/open-dicom.ts';
import type { Slide } from './slide.ts';
import { openTiffSlide } from './tiff/open-tiff.ts';

/**
 * Opens a slide by what it holds: a TIFF of any kind, one file of a DICOM slide, or a folder of one. Throws FileNotReadable,
 * NotRecognised, SlideInvalid, DicomInvalid, UnsupportedCompression, UnsupportedTransferSyntax, UnsupportedPixelData, TooLarge.
 */
export async function openSlide(path: string): Promise<Slide> {
  if ((await stat(path).catch(() => null))?.isDirectory() === true) return openDicomSlide(path);
  const kind = sniff(await readStart(path, sniffLength));
  if (kind === 'tiff') return openTiffSlide(path);
  if (kind === 'dicom') return openDicomSlide(path);
  throw new VerisimError('NotRecognised', `"${path}" is no slide: neither TIFF nor DICOM.`, {
    path,
    expected: 'TIFF, SVS, NDPI, OME-TIFF or DICOM',
    found: kind,
  });
}
