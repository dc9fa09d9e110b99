import type { TagElement } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { arrangeFrames } from './dicom/arrange.ts';
import type { FrameEntry } from './dicom/arrange.ts';
import { entriesOf } from './dicom/group-series.ts';
import { readHeader } from './dicom/header.ts';
import { listElements } from './dicom/list-elements.ts';
import { readHead } from './dicom/read-head.ts';
import type { IndexedSeries } from './indexed-series.ts';
import { listNiftiFields } from './nifti/fields.ts';
import { readRawHeader } from './raw/read-raw.ts';

/**
 * Every element of the file that holds slice `sliceIndex` (k of the volume), sequences opened out; or the fields of the
 * NIfTI header. Binary values are described by their length. Throws InvalidInput, FileNotReadable, DicomInvalid, NiftiInvalid.
 */
export async function readTags(series: IndexedSeries, sliceIndex: number): Promise<TagElement[]> {
  const { slices, frames, format } = series.summary;
  if (!Number.isInteger(sliceIndex) || sliceIndex < 0 || sliceIndex >= slices * frames) {
    throw new VerisimError(
      'InvalidInput',
      `Slice ${sliceIndex} does not exist: the series has slices 0 to ${slices * frames - 1}.`,
      {
        expected: `0 to ${slices * frames - 1}`,
        found: String(sliceIndex),
      },
    );
  }
  const [first] = series.files;
  if (format === 'nifti') return listNiftiFields(first?.path ?? '');
  if (format !== 'dicom') return listRawFields(first?.path ?? '');
  const { parsed } = await readHead(await fileOfSlice(series, sliceIndex));
  return listElements(parsed);
}

async function listRawFields(path: string): Promise<TagElement[]> {
  const { fields } = await readRawHeader(path);
  return fields.map(({ name, value }) => ({ tag: name, keyword: name, vr: 'text', value, depth: 0 }));
}

async function fileOfSlice(series: IndexedSeries, sliceIndex: number): Promise<string> {
  if (series.files.every(({ frameCount }) => frameCount === 1)) return series.files[sliceIndex]?.path ?? '';
  const entries: FrameEntry[] = [];
  for (const file of series.files) {
    const all = entriesOf(await readHeader(file.path));
    entries.push(...all.filter(({ frameIndex }) => file.frames === undefined || file.frames.includes(frameIndex)));
  }
  return arrangeFrames(entries).entries[sliceIndex]?.header.path ?? series.files[0]?.path ?? '';
}
