import { join } from 'node:path';

/** The folder that holds package.json. */
export const repositoryRoot = join(import.meta.dirname, '..');
