import type { ExportFormat } from '../../preload/domain.ts';
import { basicProfileOnly, type DeidentifyOptions } from '../../preload/deidentify.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { OriginalityDecision } from '../../preload/originality.ts';
import type { Workspace } from '../handlers/dependencies.ts';
import { exportRisks, isSynthetic, writeExport } from '../handlers/exports.ts';
import { canLook, decide, deliverGated } from '../handlers/gate.ts';
import { readArguments, required, withWorkspace, wordOption, type Command } from './command.ts';
import { gateArguments, gateOptions, gateSummary, readGate, undecided } from './gate-options.ts';
import { openSeries } from './open-series.ts';
import { clearProgress, printJson } from './output.ts';
import { progressOf } from './run-end.ts';

export const exportCommand: Command = {
  synopsis:
    'export PATH [--series ID] | --run ID --format dicom|nifti|png --out DIR [--deidentify] [--multi-frame] [--against DIR]… [--json]',
  summary: 'Writes a series in another format, with or without the identity of the patient; or the images of a run.',
  details: `  --series ID      which series; not needed where PATH holds one
  --run ID         the images of a generation instead, from the data folder
  --format NAME    dicom, nifti or png
  --out DIR        where to write
  --multi-frame    DICOM: one object with all slices
  --deidentify     removes what tells who the patient is, by PS3.15; writes a report beside the files
  --dates HOW      remove (default), shift (all of a patient by the same days) or keep; with --deidentify
  --retain LIST    what else may stay: uids, device, institution, patient (sex, age, size), by commas
  --clean-descriptors  keeps descriptions, reduced to known words of radiology
Of images of a run and of a synthetic series, which leaves as a whole or not at all:
${gateOptions}`,
  async run(args, { json, signal }) {
    const { values, positionals } = readArguments(args, {
      series: { type: 'string' },
      run: { type: 'string' },
      format: { type: 'string' },
      out: { type: 'string' },
      deidentify: { type: 'boolean', default: false },
      'multi-frame': { type: 'boolean', default: false },
      dates: { type: 'string', default: 'remove' },
      retain: { type: 'string', default: '' },
      'clean-descriptors': { type: 'boolean', default: false },
      ...gateArguments,
    });
    const [path, ...more] = positionals;
    if ((path === undefined) === (values.run === undefined) || more.length > 0)
      throw new VerisimError('WrongUse', 'Name one file or folder to export, or a run with --run.');
    const format = wordOption(required(values.format, 'format'), 'format', ['dicom', 'nifti', 'png'] as const);
    const folder = required(values.out, 'out');
    const { deidentify, 'multi-frame': multiFrame } = values;
    const retain = retained(values);
    if (!deidentify && JSON.stringify(retain) !== JSON.stringify(basicProfileOnly)) {
      throw new VerisimError('WrongUse', 'What is to be retained is told with --deidentify only.');
    }
    const { files, notes, gate } = await withWorkspace(async (workspace) => {
      if (path === undefined) return exportRun(workspace, { values, format, folder }, signal);
      const { id: seriesId } = await openSeries(workspace, { path, seriesId: values.series }, signal);
      const set = { kind: 'series', seriesId } as const;
      const decided = await decideOnSeries(workspace, { set, values }, signal);
      const input = { set, format, deidentify, retain, multiFrame, folder, ...decided };
      const written = await writeExport(workspace, input, { signal });
      const { warnings } = workspace.log.runs.detail(written.runId);
      const { risks } = deidentify ? await exportRisks(workspace, seriesId) : { risks: [] };
      return { files: written.files, notes: [...warnings, ...risks], gate: null };
    }, progressOf);
    clearProgress();
    for (const note of notes) process.stderr.write(`note: ${note}\n`);
    if (json) printJson({ files, ...(gate === null ? {} : { originality: gate }) });
    else process.stdout.write(`${files.length} ${files.length === 1 ? 'file' : 'files'} written to ${folder}\n`);
    return 0;
  },
};

type GateValues = Parameters<typeof readGate>[1];

/** Throws OriginalityOpen where real images are neither named nor remembered and no reason is given. */
async function exportRun(
  workspace: Workspace,
  { values, format, folder }: { values: GateValues & { run?: string }; format: ExportFormat; folder: string },
  signal: AbortSignal,
): Promise<{ files: string[]; notes: string[]; gate: object | null }> {
  const runId = values.run ?? '';
  const policy = readGate(workspace, values);
  if (policy.unchecked === null && !canLook(workspace, workspace.log.runs.row(runId).modelId, policy))
    throw undecided();
  const gated = await deliverGated(workspace, { runId, policy, delivery: { folder, formats: [format] } }, { signal });
  return { files: gated.files.map((file) => file.path), notes: gated.words, gate: gateSummary(gated) };
}

/** Nothing for a series of real images. A synthetic one leaves unchecked where no real images are known, and the log says so. */
async function decideOnSeries(
  workspace: Workspace,
  { set, values }: { set: { kind: 'series'; seriesId: string }; values: GateValues },
  signal: AbortSignal,
): Promise<{ originality?: OriginalityDecision }> {
  const policy = readGate(workspace, values);
  if (isSynthetic(workspace, set))
    return { originality: (await decide(workspace, { set, policy }, { signal })).decision };
  if (policy.against !== null)
    throw new VerisimError('WrongUse', 'The series is not marked as synthetic; --against is for synthetic images.');
  return {};
}

function retained(values: { dates: string; retain: string; 'clean-descriptors': boolean }): DeidentifyOptions {
  const kinds = ['uids', 'device', 'institution', 'patient'] as const;
  const kept = values.retain
    .split(',')
    .filter(Boolean)
    .map((word) => wordOption(word.trim(), 'retain', kinds));
  return {
    dates: wordOption(values.dates, 'dates', ['remove', 'shift', 'keep'] as const),
    uids: kept.includes('uids'),
    device: kept.includes('device'),
    institution: kept.includes('institution'),
    patient: kept.includes('patient'),
    descriptors: values['clean-descriptors'],
  };
}
