import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { repositoryRoot } from '../../scripts/repository.ts';

/**
 * Every second slice of the embedded DICOM sample as a series of its own: the same frame of reference, twice the spacing.
 * One digit of the series UID and of each instance UID is changed in place, nothing else.
 */
export async function writeSparseSeries(folder: string): Promise<string> {
  const zip = await readFile(join(repositoryRoot, 'resources', 'sample', 'colin27-t1-dicom.zip'));
  const files = Object.entries(unzipSync(zip)).filter(([name]) => !name.endsWith('/'));
  const sorted = files.sort(([a], [b]) => (a < b ? -1 : 1)).filter((_, at) => at % 2 === 0);
  const changed = sorted.map(([name, bytes]) => [name, withOtherSeries(Buffer.from(bytes))] as const);
  const path = join(folder, 'sparse.zip');
  await writeFile(path, zipSync(Object.fromEntries(changed), { level: 0 }));
  return path;
}

/** (0020,000E) in explicit little endian: tag, "UI", length, text. */
function withOtherSeries(bytes: Buffer): Buffer {
  const at = bytes.indexOf(Buffer.from([0x20, 0, 0x0e, 0, 0x55, 0x49]));
  if (at < 0) throw new Error('The sample has no Series Instance UID in explicit little endian.');
  const last = at + 8 + bytes.readUInt16LE(at + 6) - 1;
  const digit = bytes[last] === 0 ? last - 1 : last;
  bytes[digit] = bytes[digit] === 0x31 ? 0x32 : 0x31;
  return bytes;
}
