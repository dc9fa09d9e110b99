import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface FileFacts {
  patient: string;
  label: string;
}

/**
 * Patient and class of each file, from manifest.csv in the folder: a header with the columns `file`, `patient` and that of the class,
 * commas, no quotes; '' where a column is missing. Empty where there is no such table.
 */
export async function readFileFacts(folder: string, labelColumn = 'label'): Promise<Map<string, FileFacts>> {
  const text = await readFile(path.join(folder, 'manifest.csv'), 'utf8').catch(() => '');
  const [header = '', ...lines] = text.split(/\r?\n/);
  const columns = header.split(',');
  const [file, patient, label] = ['file', 'patient', labelColumn].map((name) => columns.indexOf(name));
  if (file === -1) return new Map();
  return new Map(
    lines
      .filter((line) => line !== '')
      .map((line) => {
        const cells = line.split(',');
        return [cells[file ?? -1] ?? '', { patient: cells[patient ?? -1] ?? '', label: cells[label ?? -1] ?? '' }];
      }),
  );
}
