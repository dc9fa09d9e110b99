import { resolve } from 'node:path';
import { repositoryRoot } from '../../scripts/repository.ts';

/** A part of a real slide; tests of it are skipped where the corpus is absent. */
export const svs = resolve(
  repositoryRoot,
  process.env.VERISIM_SHARED ?? '../shared',
  'data/wsi/CMU-1-Small-Region.svs',
);
