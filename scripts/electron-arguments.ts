import { readFileSync } from 'node:fs';

/**
 * Arguments that start the source tree in Electron. Chromium refuses its sandbox to root, and some systems (Ubuntu 24.04)
 * refuse it to programs that are not installed: development and test launches then go without it. The packaged
 * product is never started this way.
 */
export function electronArguments(): string[] {
  return ['.', ...(sandboxIsPossible() ? [] : ['--no-sandbox'])];
}

function sandboxIsPossible(): boolean {
  if (process.platform !== 'linux') return true;
  if (process.getuid?.() === 0) return false;
  return (
    kernelSetting('apparmor_restrict_unprivileged_userns') !== '1' && kernelSetting('unprivileged_userns_clone') !== '0'
  );
}

/** Null where the kernel does not have it. */
function kernelSetting(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/kernel/${name}`, 'utf8').trim();
  } catch {
    return null;
  }
}
