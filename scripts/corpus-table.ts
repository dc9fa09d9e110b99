/**
 * Reads every file of one or more folders and writes a table of what came of each, held against pydicom, DCMTK, GDCM and nibabel.
 *
 *   node scripts/corpus-table.ts [FOLDER…] [--out tests/corpus/RESULTS.md]
 *
 * Without a folder: ../shared/data/dicom and ../shared/data/nifti. VERISIM_PYTHON names a Python with pydicom 3 and nibabel. Exit code
 * 1 when a value or a position differs, or an error has no tag.
 */
import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compareCorpus, lossyTolerance } from '../tests/corpus/compare.ts';
import { repositoryRoot } from './repository.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string', default: join(repositoryRoot, 'tests', 'corpus', 'RESULTS.md') } },
});
const shared = join(repositoryRoot, process.env.VERISIM_SHARED ?? '../shared', 'data');
const folders = positionals.length > 0 ? positionals : [join(shared, 'dicom'), join(shared, 'nifti')];
const python = process.env.VERISIM_PYTHON ?? '/usr/bin/python3';
const lines = [
  '# Every file of the corpora',
  '',
  'Written by `node scripts/corpus-table.ts`; do not edit. _Identical_ means every value of every frame after rescale, as float32;',
  `lossy files and YBR colour may differ by ${lossyTolerance} grey levels at 64 places. Positions are those of the eight corners of a series.`,
  '',
];
let faults = 0;
for (const folder of folders.map((one) => resolve(one))) {
  const { files, series } = await compareCorpus(folder, python);
  const read = files.filter(({ outcome }) => outcome === 'read');
  const identical = files.filter(({ compared }) => compared.startsWith('identical'));
  const lossy = files.filter(({ compared }) => compared.endsWith('(lossy)'));
  const placed = series.flatMap(({ deviationMm }) => deviationMm ?? []);
  const bad = [...files, ...series].filter(({ isFault }) => isFault).length;
  faults += bad;
  lines.push(
    `## ${basename(folder)}`,
    '',
    `${files.length} files: ${read.length} read (${identical.length} identical, ${lossy.length} within the lossy tolerance, ` +
      `${read.length - identical.length - lossy.length} that nothing else here reads), ${files.length - read.length} refused with a tag; ${bad} faults.`,
    '',
    `${placed.length} series with positions: the farthest corner is ${Math.max(0, ...placed).toExponential(1)} mm away.`,
    '',
    '| file | outcome | size | compared |',
    '| --- | --- | --- | --- |',
    ...files.map((one) => `| ${[one.path, one.outcome, one.size, one.compared].map(cell).join(' | ')} |`),
    '',
    '| series | size | farthest corner (mm) |',
    '| --- | --- | --- |',
    ...series.map(
      (one) => `| ${[one.files, one.size, one.deviationMm?.toExponential(1) ?? '—'].map(cell).join(' | ')} |`,
    ),
    '',
  );
  console.log(
    `${basename(folder)}: ${files.length} files, ${read.length} read, ${series.length} series, ${bad} faults`,
  );
}
await writeFile(values.out, lines.join('\n'));
process.exitCode = faults > 0 ? 1 : 0;

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ') || '—';
}
