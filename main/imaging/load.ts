import type { Volume } from '../../preload/domain.ts';
import { loadDicomVolume } from './dicom/load.ts';
import type { ImagingOptions, IndexedSeries } from './indexed-series.ts';
import { loadNiftiVolume } from './nifti/load.ts';

/**
 * Decodes a series into one canonical volume (LPS, mm, rescaled values, id = series id). DICOM: k runs along the
 * normal, then over time points; NIfTI keeps the file's voxel order. Reads only the files of the index, so it also works
 * after a restart. Throws FileNotReadable, DicomInvalid, NiftiInvalid, UnsupportedTransferSyntax, UnsupportedPixelData,
 * TooLarge; AbortError when `signal` fires.
 */
export function loadVolume(series: IndexedSeries, options: ImagingOptions = {}): Promise<Volume> {
  return series.summary.format === 'dicom' ? loadDicomVolume(series, options) : loadNiftiVolume(series, options);
}
