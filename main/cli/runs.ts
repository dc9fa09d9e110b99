import { runKinds, type RunRow, type RunSort, runSortColumns } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { logExportFormats } from '../../preload/run-log.ts';
import { exportLog, logText } from '../handlers/export-log.ts';
import { traceLineage } from '../handlers/lineage.ts';
import { compareRuns } from '../handlers/run-comparison.ts';
import { listRuns, pauseQueue, rerun, showRun } from '../handlers/runs.ts';
import {
  type Command,
  type CommandContext,
  numberOption,
  readArguments,
  required,
  withWorkspace,
  wordOption,
} from './command.ts';
import { gateArguments, type GateValues, planDelivery } from './gate-options.ts';
import { printJson, printTable } from './output.ts';
import { deliveryOf, finishRun, progressOf } from './run-end.ts';
import { archive, backUp, check, listAllBackups, openArchive, restore } from './runs-keep.ts';

const states = ['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled'] as const;
const actions = {
  list: (_ids, values, context) => list(values, context),
  show: ([id]) => show(named(id, 'show')),
  rerun: ([id], values, context) => again(named(id, 'rerun'), values, context),
  compare: (ids) => compare(ids),
  lineage: ([id], values) => lineage(named(id, 'lineage'), values),
  export: (_ids, values) => exportChosen(values),
  archive: (_ids, values, context) => archive({ ...values, out: required(values.out, 'out') }, context),
  import: ([folder], _values, context) => openArchive(named(folder, 'import'), context),
  check: (_ids, values, context) => check(values, context),
  backup: (_ids, _values, context) => backUp(context),
  backups: (_ids, _values, context) => listAllBackups(context),
  restore: ([file], _values, context) => restore(named(file, 'restore'), context),
  pause: (_ids, _values, context) => pause(true, context),
  resume: (_ids, _values, context) => pause(false, context),
} satisfies Record<string, (ids: string[], values: Values, context: CommandContext) => Promise<number>>;
type Action = keyof typeof actions;
const actionNames = Object.keys(actions) as Action[];

export const runsCommand: Command = {
  synopsis: `runs [${actionNames.join(' | ')}] [--json]`,
  summary: 'Reads, keeps and carries away the experiment log, and repeats a generation of it with the same bytes.',
  details: `  list             newest first; --text FILTER, --kind ${runKinds.join('|')}, --state ${states.join('|')}, --sort COLUMN, --ascending, --limit N
                   FILTER: words, and conditions such as model:chest steps>=20 -state:failed tag:pilot is:starred age<7d (a OR b)
                   COLUMN: ${runSortColumns.join(', ')}
  show ID          everything about one run
  rerun ID         the same request as a new run; --out DIR [--format png,dicom,nifti] puts the images there as well,
                   past the search for copies as generate does (--against, --unchecked, --keep-suspects, --likeness)
  compare ID ID …  parameters that differ, and metrics
  lineage ID       what a run, or with --index N one image of it, came from and what was done with it
  export           --text FILTER; --format ${logExportFormats.join(', ')} (json unless named), to stdout or --out PATH
  archive          the runs of --text FILTER with all that they came from, into the new folder --out DIR, which opens elsewhere
  import DIR       merges an archived project into the log
  check            holds the log against the data folder; --thorough compares every byte, --mend makes missing images again and takes
                   aside what no row knows
  backup, backups, restore FILE    copies of the log; restoring needs Verisim to be closed
  pause, resume    the queue of the window`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      kind: { type: 'string' },
      state: { type: 'string' },
      text: { type: 'string', default: '' },
      limit: { type: 'string', default: '50' },
      sort: { type: 'string', default: 'created' },
      ascending: { type: 'boolean', default: false },
      index: { type: 'string' },
      thorough: { type: 'boolean', default: false },
      mend: { type: 'boolean', default: false },
      out: { type: 'string' },
      format: { type: 'string' },
      ...gateArguments,
    });
    const [name = 'list', ...ids] = positionals;
    const action = wordOption(name, 'runs', actionNames);
    const most = action === 'compare' ? 12 : ['show', 'rerun', 'lineage', 'import', 'restore'].includes(action) ? 1 : 0;
    if (ids.length > most) throw new VerisimError('WrongUse', `runs ${action} takes no ${ids.slice(most).join(' ')}.`);
    return actions[action](ids, values, context);
  },
};

export interface Values extends GateValues {
  kind?: string;
  state?: string;
  text: string;
  limit: string;
  sort: string;
  ascending: boolean;
  index?: string;
  thorough: boolean;
  mend: boolean;
  out?: string;
  format?: string;
}

function chosen({ kind, state, text }: Values) {
  return {
    text,
    kind: kind === undefined ? null : wordOption(kind, 'kind', runKinds),
    state: state === undefined ? null : wordOption(state, 'state', states),
  };
}

async function list(values: Values, { json }: CommandContext): Promise<number> {
  const limit = numberOption(values.limit, { option: 'limit', min: 1, max: 1000 });
  const sort: RunSort = { by: wordOption(values.sort, 'sort', runSortColumns), descending: !values.ascending };
  const filter = { ...chosen(values), limit, offset: 0, sort };
  const { rows, total } = await withWorkspace(async (workspace) => listRuns(workspace, filter));
  if (json) printJson(rows);
  else {
    printTable(['run', 'kind', 'state', 'images', 'created (UTC)', 'title'], rows.map(cells));
    if (total > rows.length) process.stdout.write(`${rows.length} of ${total} runs; more with --limit.\n`);
  }
  return 0;
}

function cells({ id, kind, state, outputCount, createdAt, title, error, starred, tags }: RunRow): string[] {
  const created = createdAt.slice(0, 19).replace('T', ' ');
  const marked = [starred ? '★' : '', title, ...tags.map((tag) => `[${tag}]`)].filter(Boolean).join(' ');
  return [id, kind, state, String(outputCount), created, error === null ? marked : `${marked} — ${error.tag}`];
}

async function show(id: string): Promise<number> {
  printJson(await withWorkspace(async (workspace) => showRun(workspace, id)));
  return 0;
}

async function again(id: string, values: Values, { json, signal }: CommandContext): Promise<number> {
  const { out, format } = values;
  const delivery = out === undefined ? null : deliveryOf(out, format ?? 'png');
  return withWorkspace(async (workspace) => {
    const { modelId } = workspace.log.runs.row(id);
    const planned = planDelivery(workspace, { delivery, modelId, values });
    const { runId } = await rerun(workspace, id, planned.now);
    return finishRun(workspace, { runId, json, signal, planned });
  }, progressOf);
}

async function compare(ids: string[]): Promise<number> {
  if (ids.length < 2)
    throw new VerisimError('WrongUse', 'runs compare needs two runs or more.', { expected: 'runs compare ID ID' });
  printJson(await withWorkspace(async (workspace) => compareRuns(workspace, ids)));
  return 0;
}

async function lineage(runId: string, { index }: Values): Promise<number> {
  const number = index === undefined ? null : numberOption(index, { option: 'index', min: 0, max: 1_000_000 });
  printJson(await withWorkspace((workspace) => traceLineage(workspace, { runId, index: number })));
  return 0;
}

async function exportChosen(values: Values): Promise<number> {
  const { out } = values;
  const format = wordOption(values.format ?? 'json', 'format', logExportFormats);
  await withWorkspace(async (workspace) => {
    const what = { ...chosen(values), format };
    if (out === undefined) {
      for (const piece of logText(workspace, what)) process.stdout.write(piece);
      return;
    }
    const { path, runs } = await exportLog(workspace, { ...what, path: out });
    process.stdout.write(`${runs} runs were written to ${path}\n`);
  });
  return 0;
}

async function pause(paused: boolean, { json }: CommandContext): Promise<number> {
  const state = await withWorkspace(async (workspace) => pauseQueue(workspace, paused));
  if (json) printJson({ ...state, paused });
  else process.stdout.write(`${state.waiting.length} runs wait; the queue ${paused ? 'stands still' : 'goes on'}.\n`);
  return 0;
}

function named(id: string | undefined, action: string): string {
  if (id !== undefined) return id;
  throw new VerisimError('WrongUse', `runs ${action} needs the id of a run, or a path.`, {
    expected: `runs ${action} ID`,
  });
}
