import path from 'node:path';
import type { Annotation } from '../../preload/annotations.ts';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { annotationTable } from '../imaging/export/annotation-table.ts';
import { measurementReport } from '../imaging/export/measurement-report.ts';
import type { Workspace } from './dependencies.ts';

interface ReportInput {
  seriesId: string;
  format: 'csv' | 'sr';
  folder: string;
}

/** Writes what was drawn on one series. Throws UnknownSeries, InvalidInput where nothing was, OutputNotWritable, DiskFull. */
export async function writeReport(
  { log }: Workspace,
  { seriesId, format, folder }: ReportInput,
  { signal }: { signal: AbortSignal },
): Promise<{ files: string[] }> {
  const series = log.series.get(seriesId);
  const annotations = log.annotations.list(seriesId);
  if (annotations.length === 0) {
    throw new VerisimError('InvalidInput', 'Nothing is drawn on this series. Measure something, then export.', {
      expected: 'at least one measurement',
      found: 'none',
    });
  }
  const file = path.join(path.resolve(folder), fileName(series.summary.description || series.summary.id, format));
  const content = await write(annotations);
  signal.throwIfAborted();
  await writeFileAtomic(file, content);
  return { files: [file] };

  async function write(drawn: Annotation[]): Promise<Uint8Array> {
    if (format === 'csv') return new TextEncoder().encode(annotationTable(series.summary, drawn));
    return measurementReport(series, drawn);
  }
}

function fileName(description: string, format: 'csv' | 'sr'): string {
  const words =
    description
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 60) || 'series';
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  return `${words} measurements ${stamp}.${format === 'csv' ? 'csv' : 'dcm'}`;
}
