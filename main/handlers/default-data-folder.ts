import { homedir } from 'node:os';
import path from 'node:path';

/** Where Verisim keeps everything that it writes: VERISIM_HOME, or the place that the operating system names for it. */
export function defaultDataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { VERISIM_HOME, XDG_DATA_HOME, APPDATA } = environment;
  if (VERISIM_HOME) return path.resolve(VERISIM_HOME);
  if (process.platform === 'win32') return path.join(APPDATA ?? path.join(homedir(), 'AppData', 'Roaming'), 'Verisim');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Application Support', 'Verisim');
  return path.join(XDG_DATA_HOME || path.join(homedir(), '.local', 'share'), 'verisim');
}
