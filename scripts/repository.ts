import { join } from 'node:path';

/** The folder that holds package.json. */
export const repositoryRoot = join(import.meta.dirname, '..');

/** The Node that package.json pins; the machine's own may be older. */
export const pinnedNode = process.execPath;
