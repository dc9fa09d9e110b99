import { existsSync, readFileSync } from 'node:fs';
import { runCommand } from './run-command.ts';

/** What Electron needs on Debian and Ubuntu, and what it takes to show a window without a screen. */
const windowPackages = [
  'xvfb',
  'xauth',
  'libgtk-3-0',
  'libnss3',
  'libasound2',
  'libgbm1',
  'libxss1',
  'libatk-bridge2.0-0',
  'libdrm2',
  'libxshmfence1',
  'libcups2',
  'dbus',
];
/** Third-party judges of what Verisim reads and writes, and WebGPU without a graphics card; without them the tests that ask them are skipped. */
const testPackages = [
  'libvulkan1',
  'dcmtk',
  'dicom3tools',
  'python3-pydicom',
  // What slides are compared with and made by.
  'python3-openslide',
  'python3-pil',
  'libvips-tools',
  'libopenjp2-tools',
  'libjpeg-turbo-progs',
];
/** Since Debian 13 and Ubuntu 24.04 these carry another name (64-bit time). */
const laterNames: Record<string, string> = {
  'libgtk-3-0': 'libgtk-3-0t64',
  libasound2: 'libasound2t64',
  'libatk-bridge2.0-0': 'libatk-bridge2.0-0t64',
  libcups2: 'libcups2t64',
};

export interface LibrariesResult {
  /** Packages that are still absent and without which no window opens. */
  missing: string[];
  message: string;
}

/** Checks the system packages; as root it installs the missing ones, otherwise it names the one command that does. */
export async function provideSystemLibraries(report: (line: string) => void): Promise<LibrariesResult> {
  if (process.platform !== 'linux') return { missing: [], message: 'No system libraries are needed here.' };
  if (!isDebian()) {
    const message = `This is not Debian or Ubuntu: see to it that Electron's libraries are there (${windowPackages.join(', ')}).`;
    return { missing: [], message };
  }
  const missing = await absent([...windowPackages, ...testPackages]);
  if (missing.length === 0) return { missing: [], message: 'All system libraries are there.' };
  if (process.getuid?.() !== 0) {
    const names = (await Promise.all(missing.map(installableName))).join(' ');
    return {
      missing: needed(missing),
      message: `Some system libraries are missing. Install them with:\n\n  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${names}'\n`,
    };
  }
  report(`Installing system libraries: ${missing.join(' ')} …`);
  await apt(['update']);
  const names = await Promise.all(missing.map(installableName));
  const installed = await apt(['install', '-y', '--no-install-recommends', ...names]);
  const left = await absent(missing);
  if (left.length === 0) return { missing: [], message: `Installed system libraries: ${names.join(' ')}.` };
  return {
    missing: needed(left),
    message: `apt-get could not install ${left.join(' ')}:\n${installed.output.slice(-2000)}`,
  };
}

function needed(names: string[]): string[] {
  return names.filter((name) => windowPackages.includes(name));
}

function isDebian(): boolean {
  if (!existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
}

async function absent(names: string[]): Promise<string[]> {
  const { output } = await runCommand('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n'], { quiet: true });
  const installed = new Set(
    output
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name) && !installed.has(laterNames[name] ?? name));
}

async function installableName(name: string): Promise<string> {
  const later = laterNames[name];
  if (!later) return name;
  const { output } = await runCommand('apt-cache', ['policy', later], { quiet: true });
  return /Candidate: (?!\(none\))/.test(output) ? later : name;
}

function apt(args: string[]) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return runCommand('apt-get', ['-q', ...args], { env, quiet: true, timeoutMs: 600_000 });
}
