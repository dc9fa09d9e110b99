import type { Workspace } from './dependencies.ts';

/** A choice of the person that outlives the window, or null where none was made. */
export function readSetting({ log }: Workspace, name: string): { value: Record<string, string> | null } {
  const value = log.settings.value(name);
  if (typeof value !== 'object' || value === null) return { value: null };
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { value: Object.fromEntries(entries) };
}

export function writeSetting({ log }: Workspace, name: string, value: Record<string, string>): Record<string, never> {
  log.settings.set(name, value);
  return {};
}
