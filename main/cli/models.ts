import { VerisimError } from '../../preload/errors.ts';
import type { PackReport } from '../../preload/models.ts';
import { defaultDataFolder } from '../handlers/default-folder.ts';
import { checkModel, importModel, installedPacks, listModels, removeModel } from '../handlers/models.ts';
import {
  applicationRoot,
  type Command,
  type CommandContext,
  readArguments,
  withWorkspace,
  wordOption,
} from './command.ts';
import { printJson, printTable, reportSkipped } from './output.ts';

export const modelsCommand: Command = {
  synopsis: 'models [list | import FOLDER [--replace] | check FOLDER | remove ID] [--json]',
  summary: 'Lists the model packs, and checks, imports or removes a pack of your own.',
  details: `  list           packs that cannot be used are named on stderr; the exit status is 1 when no other pack is there
  import FOLDER  checks the pack in FOLDER as check does and keeps a copy in the data folder
  --replace      in the place of an imported pack of the same id
  check FOLDER   manifest, files, hashes, graph, and a dry run in a process of its own; changes nothing
  remove ID      takes an imported pack away; runs made with it stay in the log`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { replace: { type: 'boolean', default: false } });
    const [action = 'list', operand, ...more] = positionals;
    if (more.length > 0) throw new VerisimError('WrongUse', `models ${action} takes no ${more.join(' ')}.`);
    const chosen = wordOption(action, 'models', ['list', 'import', 'check', 'remove'] as const);
    if (values.replace && chosen !== 'import')
      throw new VerisimError('WrongUse', `--replace belongs to models import, not to models ${chosen}.`);
    switch (chosen) {
      case 'list':
        return list(context);
      case 'import':
        return importFolder(named(operand, 'import FOLDER'), values.replace, context);
      case 'check':
        return check(named(operand, 'check FOLDER'), context);
      case 'remove':
        return remove(named(operand, 'remove ID'), context);
    }
  },
};

async function list({ json }: CommandContext): Promise<number> {
  const { models, refused } = await listModels(installedPacks(applicationRoot(), defaultDataFolder()));
  if (json) printJson(models);
  else {
    const rows = models.map(({ id, version, family, modality, image, parameters, classes, defaults, origin }) => [
      id,
      version,
      family,
      modality,
      `${image.width}×${image.height}`,
      `${(parameters / 1e6).toFixed(1)} M`,
      `${defaults.sampler}, ${defaults.steps} steps`,
      origin,
      classes.map((one) => one.id).join(' '),
    ]);
    printTable(['model', 'version', 'family', 'mod', 'image', 'parameters', 'default', 'origin', 'classes'], rows);
  }
  for (const one of refused) reportSkipped(one, json);
  return models.length === 0 && refused.length > 0 ? 1 : 0;
}

async function importFolder(folder: string, replace: boolean, { json, signal }: CommandContext): Promise<number> {
  const { model, report } = await withWorkspace((workspace) => importModel(workspace, { folder, replace }, { signal }));
  if (json) printJson({ ...model, report });
  else process.stdout.write(`Imported ${model.id}, version ${model.version}. ${trialOf(report)}\n`);
  return 0;
}

async function check(folder: string, { json, signal }: CommandContext): Promise<number> {
  const report = await checkModel(folder, { signal });
  if (json) printJson(report);
  else process.stdout.write(`${report.id}, version ${report.version}, can be imported. ${trialOf(report)}\n`);
  return 0;
}

async function remove(id: string, { json }: CommandContext): Promise<number> {
  await withWorkspace((workspace) => removeModel(workspace, id));
  if (json) printJson({ removed: id });
  else process.stdout.write(`Removed ${id}.\n`);
  return 0;
}

function trialOf({ trial }: PackReport): string {
  return `The dry run took ${trial.seconds.toFixed(1)} s and ${Math.ceil(trial.peakBytes / 2 ** 20)} MB of memory.`;
}

function named(operand: string | undefined, form: string): string {
  if (operand !== undefined) return operand;
  throw new VerisimError('WrongUse', `models ${form} is the form of this command.`, { expected: `models ${form}` });
}
