import type { ApplicationInfo } from '../../preload/domain.ts';
import { availableProviders } from '../engine/providers.ts';
import type { Workspace } from './dependencies.ts';
import { applicationVersion } from './versions.ts';

export function describeApplication({ folder, engineHost }: Workspace): ApplicationInfo {
  return {
    version: applicationVersion,
    dataFolder: folder.root,
    databasePath: folder.database,
    nodeVersion: process.versions.node,
    electronVersion: process.versions.electron ?? process.env.VERISIM_ELECTRON ?? null,
    engineHost,
    providers: availableProviders(),
  };
}
