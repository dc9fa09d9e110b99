import type { RunSort } from '../../../preload/domain.ts';

/** What the list of runs can be sorted by, its heading, and whether its values are numbers. */
export const columns: [RunSort['by'], string, boolean][] = [
  ['kind', 'Kind', false],
  ['title', 'Title', false],
  ['state', 'State', false],
  ['model', 'Model', false],
  ['seed', 'Seed', true],
  ['provider', 'Runs on', false],
  ['outputs', 'Outputs', true],
  ['created', 'Started', false],
  ['seconds', 'Duration', true],
];
