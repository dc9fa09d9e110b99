import { join } from 'node:path';
import { app } from 'electron';
import { defaultDataFolder } from '../handlers/default-folder.ts';

/** Holds `models/` and `resources/`: the repository, or the installed product's resources. */
export const applicationRoot = app.isPackaged ? process.resourcesPath : app.getAppPath();

export const rendererFolder = join(app.getAppPath(), 'dist', 'renderer');
export const preloadScript = join(app.getAppPath(), 'dist', 'preload', 'index.cjs');
export const engineScript = join(app.getAppPath(), 'dist', 'engine', 'engine.js');
export const dryRunScript = join(app.getAppPath(), 'dist', 'engine', 'dry-run-process.js');

/** Everything that Verisim writes. */
export const dataFolder = defaultDataFolder();
