import path from 'node:path';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { ProviderName } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { defaultDataFolder } from '../handlers/default-folder.ts';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../handlers/dependencies.ts';

export interface Command {
  /** As in DESIGN's table, without the program's name. */
  synopsis: string;
  summary: string;
  /** Options, one a line. */
  details: string;
  /** Resolves to the exit status; throws VerisimError. */
  run(args: string[], context: CommandContext): Promise<number>;
}

export interface CommandContext {
  json: boolean;
  signal: AbortSignal;
}

export const providerNames: readonly ProviderName[] = ['cpu', 'webgpu', 'cuda', 'tensorrt', 'dml', 'coreml'];

const common = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

/** Throws WrongUse for an unknown option or a missing value. */
export function readArguments<Options extends ParseArgsOptionsConfig>(args: string[], options: Options) {
  try {
    return parseArgs({ args, options: { ...options, ...common }, allowPositionals: true, strict: true });
  } catch (cause) {
    const [found = ''] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new VerisimError('WrongUse', `${found.replace(/\.$/, '')}. See --help.`, { cause });
  }
}

/** Throws WrongUse when the option is missing. */
export function required(value: string | undefined, option: string): string {
  if (value !== undefined && value !== '') return value;
  throw new VerisimError('WrongUse', `The option --${option} is needed.`, { expected: `--${option}` });
}

/** A number within a range; whole unless `whole` is false. Throws WrongUse. */
export function numberOption(
  text: string,
  { option, min, max, whole = true }: { option: string; min: number; max: number; whole?: boolean },
): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const expected = `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`;
  throw new VerisimError('WrongUse', `--${option} takes ${expected}; ${text} was given.`, { expected, found: text });
}

/** One of a list of words. Throws WrongUse. */
export function wordOption<Word extends string>(text: string, option: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const expected = words.join(', ');
  throw new VerisimError('WrongUse', `--${option} takes one of ${expected}; ${text} was given.`, {
    expected,
    found: text,
  });
}

/** The installation that this file belongs to, unless VERISIM_ROOT names another. */
export function applicationRoot(): string {
  return path.resolve(process.env.VERISIM_ROOT || path.join(import.meta.dirname, '..', '..'));
}

/** Opens the data folder for the time of `work`. */
export async function withWorkspace<Result>(
  work: (workspace: Workspace) => Promise<Result>,
  emit?: WorkspaceOptions['emit'],
): Promise<Result> {
  const workspace = await openWorkspace({
    dataFolder: defaultDataFolder(),
    applicationRoot: applicationRoot(),
    engineHost: 'in-process',
    ...(emit === undefined ? {} : { emit }),
  });
  try {
    return await work(workspace);
  } finally {
    await workspace.close();
  }
}
