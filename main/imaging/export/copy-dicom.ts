import { readText } from '../dicom/element-values.ts';
import { parseDataSet } from '../dicom/data-set.ts';
import { readWholeFile } from '../read-file.ts';
import { metaGroup } from './part10.ts';

/**
 * A DICOM file as it is, byte for byte: nothing is lost and marks stay. A bare data set gets the preamble and meta group
 * that Part 10 asks for. Throws FileNotReadable, DicomInvalid.
 */
export async function copyOfDicom(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = await readWholeFile(path, signal);
  if (Buffer.from(bytes.subarray(128, 132)).toString('latin1') === 'DICM') return bytes;
  const { dataSet, transferSyntaxUid, fileOffset } = parseDataSet(bytes, path);
  const meta = metaGroup({
    sopClassUid: readText(dataSet, 'x00080016'),
    sopInstanceUid: readText(dataSet, 'x00080018'),
    transferSyntaxUid,
  });
  return new Uint8Array(Buffer.concat([meta, bytes.subarray(fileOffset ?? 0)]));
}
