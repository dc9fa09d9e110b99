import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import type { Workspace } from './dependencies.ts';
import { showEvaluation } from './measure.ts';
import { evaluationCsv } from './measure-csv.ts';
import { evaluationHtml } from './measure-html.ts';

/** Writes one HTML page that needs nothing else, a CSV and a JSON. Throws UnknownRun, OutputNotWritable, DiskFull. */
export async function writeEvaluationReport(
  workspace: Workspace,
  { runId, folder }: { runId: string; folder: string },
): Promise<{ files: string[] }> {
  const evaluation = showEvaluation(workspace, runId);
  const pictures = new Map<string, string>();
  for (const { picture } of evaluation.cohorts.flatMap(({ result }) => result.originality.nearest)) {
    const bytes = picture === '' ? null : await readFile(workspace.folder.runPicture(runId, picture)).catch(() => null);
    if (bytes !== null) pictures.set(picture, `data:image/png;base64,${bytes.toString('base64')}`);
  }
  const contents = {
    html: evaluationHtml(evaluation, pictures),
    csv: evaluationCsv(evaluation),
    json: `${JSON.stringify(evaluation, null, 2)}\n`,
  };
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const [ending, content] of Object.entries(contents)) {
    const file = path.join(folder, `verisim-evaluation-${runId}.${ending}`);
    await writeFileAtomic(file, content);
    files.push(file);
  }
  return { files };
}
