import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { runCommand } from './run-command.ts';

/**
 * `npm run setup:cuda -- --yes`: fetches the libraries for NVIDIA cards with onnxruntime-node's own install step, which
 * npm ci does not run. Without --yes it only says what would be fetched, and from where. The one step of Verisim that needs a network.
 */
interface InstallMetadata {
  /** `linux/x64` → names of sets of files. */
  requirements: Record<string, string[]>;
  /** `linux/x64:cuda12` → file name → where it comes from. */
  manifests: Record<string, Record<string, { package: string; path: string }>>;
  packages: Record<string, { name: string; versions: { feed: string; version: string }[] }>;
  feeds: Record<string, { index: string }>;
}

const load = createRequire(import.meta.url);
const packageFolder = dirname(load.resolve('onnxruntime-node/package.json'));
const metadata = load(join(packageFolder, 'script', 'install-metadata.js')) as InstallMetadata;
const platform = `${process.platform}/${process.arch}`;
const libraries = join(packageFolder, 'bin', 'napi-v6', platform);

process.exitCode = await main(process.argv.includes('--yes'));

async function main(agreed: boolean): Promise<number> {
  const sets = metadata.requirements[platform] ?? [];
  const wanted = sets.flatMap((set) => Object.entries(metadata.manifests[`${platform}:${set}`] ?? {}));
  if (wanted.length === 0) {
    console.error(`onnxruntime-node offers no CUDA libraries for ${platform}; Linux on x64 has them.`);
    return 1;
  }
  const missing = wanted.filter(([file]) => !existsSync(join(libraries, file)));
  if (missing.length === 0) {
    console.log(`The CUDA libraries are there (${libraries}).`);
    return 0;
  }
  console.log(
    `To run models on a graphics card of NVIDIA, these files go into ${libraries} (some hundred megabytes):\n`,
  );
  for (const [file, source] of missing) console.log(`  ${basename(file)}  from ${originOf(source.package)}`);
  console.log(
    '\nThe card also needs the driver, CUDA 12 and cuDNN 9 of NVIDIA. Nothing about you or your images is sent.',
  );
  if (!agreed) {
    console.log('\nTo fetch them: npm run setup:cuda -- --yes');
    return 2;
  }
  const { code } = await runCommand(
    process.execPath,
    ['script/install.js', `--onnxruntime-node-install=${sets.join(',')}`],
    {
      cwd: packageFolder,
      timeoutMs: 3_600_000,
    },
  );
  const absent = wanted.filter(([file]) => !existsSync(join(libraries, file))).map(([file]) => file);
  if (code !== 0 || absent.length > 0) {
    console.error(
      `The CUDA libraries could not be fetched (${absent.join(', ') || `exit code ${code}`}). Check the network and run it again.`,
    );
    return 1;
  }
  console.log('Installed. Try it: npm run -s verisim -- providers check cuda');
  return 0;
}

function originOf(name: string): string {
  const { name: title = name, versions = [] } = metadata.packages[name] ?? {};
  const [first] = versions;
  return `${title} ${first?.version ?? ''}, ${metadata.feeds[first?.feed ?? '']?.index ?? 'an unnamed place'}`;
}
