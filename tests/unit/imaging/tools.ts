import { spawnSync } from 'node:child_process';

export const validator = 'dciodvfy';
export const dump = 'dcmdump';

/** Programs of Debian's dicom3tools, dcmtk and python3-pydicom, python3-nibabel that check what we write. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version'], { encoding: 'utf8' }).error === undefined;
}

const candidates = [process.env.VERISIM_PYTHON ?? '', '/usr/bin/python3', 'python3'].filter(Boolean);

/** A Python that has the modules, or null. */
export function pythonWith(...modules: string[]): string | null {
  const code = modules.map((module) => `import ${module}`).join('; ');
  return candidates.find((python) => spawnSync(python, ['-c', code]).status === 0) ?? null;
}

export function runPython(python: string, code: string, ...parameters: string[]): string {
  const { stdout, stderr, status } = spawnSync(python, ['-c', code, ...parameters], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

/**
 * The errors of dciodvfy. Releases before 2024b of the standard do not know Synthetic Data (0008,001C) and call it "not a
 * recognized standard attribute"; that one line is no fault of the file.
 */
export function dicomErrors(path: string): string[] {
  const { stdout, stderr } = spawnSync(validator, ['-new', path], { encoding: 'utf8' });
  return `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => line.startsWith('Error'))
    .filter((line) => !/0008,001c.*not a recognized standard attribute/i.test(line));
}
