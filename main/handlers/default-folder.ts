import os from 'node:os';
import path from 'node:path';

/** VERISIM_HOME, or the place for the data of applications on this system. */
export function defaultDataFolder(): string {
  const chosen = process.env.VERISIM_HOME;
  if (chosen !== undefined && chosen !== '') return path.resolve(chosen);
  const home = os.homedir();
  if (process.platform === 'win32')
    return path.join(process.env.APPDATA ?? path.join(home, 'AppData', 'Roaming'), 'Verisim');
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Verisim');
  return path.join(process.env.XDG_DATA_HOME ?? path.join(home, '.local', 'share'), 'verisim');
}
