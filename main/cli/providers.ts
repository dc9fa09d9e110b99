import type { ProviderName } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { listModels } from '../handlers/models.ts';
import { checkProvider, listProviders, preferProvider } from '../handlers/providers.ts';
import {
  type Command,
  type CommandContext,
  providerNames,
  readArguments,
  withWorkspace,
  wordOption,
} from './command.ts';
import { printJson, printTable } from './output.ts';

export const providersCommand: Command = {
  synopsis: 'providers [list | use NAME | check NAME [--model ID]] [--json]',
  summary: 'Lists what can run the models, chooses one for later runs, or tries one.',
  details: `  list        which are installed, and which one runs start with
  use NAME    ${providerNames.join(', ')}; generate --provider NAME says otherwise for one run
  check NAME  runs a model on it and on the processor and compares the numbers; exit status 1 where it does not work
  --model ID  the model to check with, by default the one with the fewest parameters`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { model: { type: 'string' } });
    const [action = 'list', name, ...more] = positionals;
    if (more.length > 0) throw new VerisimError('WrongUse', `providers ${action} takes no ${more.join(' ')}.`);
    switch (wordOption(action, 'providers', ['list', 'use', 'check'] as const)) {
      case 'list':
        return list(context);
      case 'use':
        return use(named(name, action), context);
      case 'check':
        return check(named(name, action), values.model, context);
    }
  },
};

async function list({ json }: CommandContext): Promise<number> {
  const { providers } = await withWorkspace(async (workspace) => listProviders(workspace));
  if (json) printJson(providers);
  else {
    const rows = providers.map(({ name, installed, preferred, note }) => [
      name,
      installed ? 'yes' : 'no',
      preferred ? 'yes' : '',
      note,
    ]);
    printTable(['provider', 'installed', 'chosen', 'note'], rows);
  }
  return 0;
}

async function use(provider: ProviderName, { json }: CommandContext): Promise<number> {
  const { providers } = await withWorkspace(async (workspace) => preferProvider(workspace, provider));
  if (json) printJson(providers);
  else process.stdout.write(`Runs start with ${provider} from now on.\n`);
  return 0;
}

async function check(provider: ProviderName, model: string | undefined, context: CommandContext): Promise<number> {
  const result = await withWorkspace(async (workspace) => {
    const { models } = await listModels(workspace.packs);
    const [smallest] = models.sort((a, b) => a.parameters - b.parameters);
    const modelId = model ?? smallest?.id;
    if (modelId === undefined) throw new VerisimError('UnknownModel', 'There is no model to check with.');
    return checkProvider(workspace, { provider, modelId }, context);
  });
  const { works, reason, modelId, secondsPerStep, difference } = result;
  if (context.json) printJson(result);
  else if (works)
    process.stdout.write(
      `${provider} runs ${modelId}: ${secondsPerStep?.toFixed(3)} s a step, largest difference from the processor ${difference?.toExponential(1)} of the largest value.\n`,
    );
  else process.stdout.write(`${provider} does not run ${modelId}. ${reason}\n`);
  return works ? 0 : 1;
}

function named(name: string | undefined, action: string): ProviderName {
  if (name !== undefined) return wordOption(name, 'provider', providerNames);
  throw new VerisimError('WrongUse', `providers ${action} needs a name: ${providerNames.join(', ')}.`, {
    expected: `providers ${action} NAME`,
  });
}
