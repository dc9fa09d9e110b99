import type { SourceFormat, Volume } from '../../preload/domain.ts';
import { loadDicomVolume } from './dicom/load.ts';
import type { ImagingOptions, IndexedSeries } from './indexed-series.ts';
import { loadNiftiVolume } from './nifti/load.ts';
import { loadRawVolume } from './raw/read-raw.ts';

/**
 * Decodes a series into one canonical volume (LPS, mm, rescaled values, id = series id). DICOM: k runs along the
 * normal, then over time points; NIfTI keeps the file's voxel order. Reads only the files of the index, so it also works
 * after a restart. Throws FileNotReadable, DicomInvalid, NiftiInvalid, VolumeInvalid, UnsupportedTransferSyntax, UnsupportedPixelData,
 * TooLarge; AbortError when `signal` fires.
 */
export function loadVolume(series: IndexedSeries, options: ImagingOptions = {}): Promise<Volume> {
  return loaders[series.summary.format](series, options);
}

/** A further format is one line here, one in `find.ts` and one in `tags.ts`. */
const loaders: Record<SourceFormat, (series: IndexedSeries, options: ImagingOptions) => Promise<Volume>> = {
  dicom: loadDicomVolume,
  nifti: loadNiftiVolume,
  nrrd: loadRawVolume,
  metaimage: loadRawVolume,
};
