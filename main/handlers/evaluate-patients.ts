import { readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Which patient each file is of, from manifest.csv in the folder: a header with the columns `file` and `patient`, commas, no
 * quotes. Empty where there is no such table.
 */
export async function readPatients(folder: string): Promise<Map<string, string>> {
  const text = await readFile(path.join(folder, 'manifest.csv'), 'utf8').catch(() => '');
  const [header = '', ...lines] = text.split(/\r?\n/);
  const columns = header.split(',');
  const [file, patient] = [columns.indexOf('file'), columns.indexOf('patient')];
  if (file === -1 || patient === -1) return new Map();
  return new Map(
    lines
      .filter((line) => line !== '')
      .map((line) => {
        const cells = line.split(',');
        return [cells[file] ?? '', cells[patient] ?? ''];
      }),
  );
}
