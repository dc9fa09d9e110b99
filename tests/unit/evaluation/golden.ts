import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Third-party values; every JSON file of the folder counts. */
export const goldenFolder = process.env['VERISIM_GOLDEN'] ?? 'tests/golden';

export type GoldenFile = Record<string, unknown>;

export function goldenFiles(): { name: string; content: GoldenFile }[] {
  return readdirSync(goldenFolder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, content: JSON.parse(readFileSync(path.join(goldenFolder, name), 'utf8')) as GoldenFile }));
}

/** The cases under one key of all files, whether the key holds one case, a list, or an object with a list of `cases`. */
export function goldenCases<Case>(kind: string): Case[] {
  return goldenFiles().flatMap(({ content }) => casesIn<Case>(content[kind]));
}

export function casesIn<Case>(section: unknown): Case[] {
  if (section === undefined) return [];
  if (Array.isArray(section)) return section as Case[];
  const { cases } = section as { cases?: Case[] };
  return cases ?? [section as Case];
}
