import type { DiffusionFamily } from '../../../preload/domain.ts';
import { ddpm } from './ddpm.ts';
import type { DiffusionFamilyRules } from './family.ts';
import { ldm } from './ldm.ts';
import { lwdm } from './lwdm.ts';
import { wdm } from './wdm.ts';

/** Every family there is. */
export const families: Record<DiffusionFamily, DiffusionFamilyRules> = { ddpm, ldm, wdm, lwdm };
