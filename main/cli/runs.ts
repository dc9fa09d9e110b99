import { runKinds, type RunRow } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { exportLog } from '../handlers/export-log.ts';
import { listRuns, rerun, showRun } from '../handlers/runs.ts';
import {
  type Command,
  type CommandContext,
  numberOption,
  readArguments,
  withWorkspace,
  wordOption,
} from './command.ts';
import { printJson, printTable } from './output.ts';
import { deliveryOf, finishRun, progressOf } from './run-end.ts';

const states = ['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled'] as const;

export const runsCommand: Command = {
  synopsis: 'runs [list | show ID | rerun ID [--out DIR] | export] [--json]',
  summary: 'Reads the experiment log, and repeats a generation of it with the same bytes.',
  details: `  list      newest first; --kind ${runKinds.join('|')}, --state ${states.join('|')}, --text WORDS, --limit N
  show ID   everything about one run
  rerun ID  the same request as a new run; --out DIR [--format png,dicom,nifti] puts the images there as well
  export    the whole log: --format json (default) or csv, to stdout or --out FILE`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      kind: { type: 'string' },
      state: { type: 'string' },
      text: { type: 'string', default: '' },
      limit: { type: 'string', default: '50' },
      out: { type: 'string' },
      format: { type: 'string' },
    });
    const [action = 'list', id, ...more] = positionals;
    if (more.length > 0) throw new VerisimError('WrongUse', `runs ${action} takes no ${more.join(' ')}.`);
    switch (wordOption(action, 'runs', ['list', 'show', 'rerun', 'export'] as const)) {
      case 'list':
        return list(values, context);
      case 'show':
        return show(named(id, action));
      case 'rerun':
        return again(named(id, action), values, context);
      case 'export':
        return exportAll(values);
    }
  },
};

interface Values {
  kind?: string;
  state?: string;
  text: string;
  limit: string;
  out?: string;
  format?: string;
}

async function list({ kind, state, text, limit }: Values, { json }: CommandContext): Promise<number> {
  const filter = {
    text,
    kind: kind === undefined ? null : wordOption(kind, 'kind', runKinds),
    state: state === undefined ? null : wordOption(state, 'state', states),
    limit: numberOption(limit, { option: 'limit', min: 1, max: 1000 }),
    offset: 0,
  };
  const { rows, total } = await withWorkspace(async (workspace) => listRuns(workspace, filter));
  if (json) printJson(rows);
  else {
    printTable(['run', 'kind', 'state', 'images', 'created (UTC)', 'title'], rows.map(cells));
    if (total > rows.length) process.stdout.write(`${rows.length} of ${total} runs; more with --limit.\n`);
  }
  return 0;
}

function cells({ id, kind, state, outputCount, createdAt, title, error }: RunRow): string[] {
  const created = createdAt.slice(0, 19).replace('T', ' ');
  return [id, kind, state, String(outputCount), created, error === null ? title : `${title} — ${error.tag}`];
}

async function show(id: string): Promise<number> {
  printJson(await withWorkspace(async (workspace) => showRun(workspace, id)));
  return 0;
}

async function again(id: string, { out, format }: Values, { json, signal }: CommandContext): Promise<number> {
  const delivery = out === undefined ? null : deliveryOf(out, format ?? 'png');
  return withWorkspace(async (workspace) => {
    const { runId } = await rerun(workspace, id, delivery);
    return finishRun(workspace, { runId, json, signal });
  }, progressOf);
}

async function exportAll({ format = 'json', out }: Values): Promise<number> {
  const chosen = wordOption(format, 'format', ['json', 'csv'] as const);
  await withWorkspace(async (workspace) => {
    const text = await exportLog(workspace, { format: chosen, file: out ?? null });
    if (out === undefined) process.stdout.write(text);
    else process.stdout.write(`The log was written to ${out}\n`);
  });
  return 0;
}

function named(id: string | undefined, action: string): string {
  if (id !== undefined) return id;
  throw new VerisimError('WrongUse', `runs ${action} needs the id of a run.`, { expected: `runs ${action} ID` });
}
