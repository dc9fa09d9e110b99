import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { electronRuntime } from '../../../scripts/electron-runtime.ts';
import { repositoryRoot } from '../../../scripts/repository.ts';
import { runCommand } from '../../../scripts/run-command.ts';

describe('the Electron that is used', () => {
  let folder = '';
  afterEach(async () => {
    delete process.env.ELECTRON_OVERRIDE_DIST_PATH;
    await rm(folder, { recursive: true, force: true });
  });

  it('is the one that ELECTRON_OVERRIDE_DIST_PATH names, before any other', async () => {
    folder = await mkdtemp(join(tmpdir(), 'verisim-electron-'));
    const executablePath = join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron');
    await writeFile(executablePath, '');
    process.env.ELECTRON_OVERRIDE_DIST_PATH = folder;
    const runtime = await electronRuntime(() => undefined);
    expect(runtime.executablePath).toBe(executablePath);
    expect(runtime.message).toContain(folder);
  });

  it('is refused with the path when that folder holds none', async () => {
    folder = await mkdtemp(join(tmpdir(), 'verisim-electron-'));
    process.env.ELECTRON_OVERRIDE_DIST_PATH = folder;
    await expect(electronRuntime(() => undefined)).rejects.toThrow(folder);
  });
});

describe('npm start', () => {
  it.skipIf(process.platform !== 'linux')('without a display says what to do (Linux only)', async () => {
    const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
    const result = await runCommand(process.execPath, [join(repositoryRoot, 'scripts', 'start.ts')], {
      env,
      quiet: true,
    });
    expect(result.code).toBe(1);
    expect(result.output).toContain('xvfb-run');
  });
});

describe('a command of the scripts', () => {
  it('that hangs is ended after its time', async () => {
    const result = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      quiet: true,
      timeoutMs: 500,
    });
    expect(result.code).toBe(124);
  });

  it('that does not exist fails without throwing', async () => {
    expect((await runCommand('no-such-command-of-verisim', [], { quiet: true })).code).toBe(127);
  });
});
