import { rm } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { build, type InlineConfig } from 'vite';
import windowConfiguration from '../vite.config.ts';
import { repositoryRoot } from './repository.ts';

/** `npm run build`: one bundle for each process, into dist/. */
const builtins = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];
/** Native and npm modules stay outside the engine's bundle and are loaded from node_modules. */
const isPackage = (id: string) => !/^[./]/.test(id) && !id.startsWith('\0');
const sources = (folder: string) => join(repositoryRoot, folder);

interface NodeBundle {
  folder: string;
  entries: Record<string, string>;
  format: 'es' | 'cjs';
  external: (id: string) => boolean;
}

const bundles: NodeBundle[] = [
  {
    folder: 'dist/app',
    entries: { main: sources('main/app/main.ts') },
    format: 'es',
    external: (id) => id === 'electron' || builtins.includes(id),
  },
  {
    folder: 'dist/preload',
    entries: { index: sources('preload/index.ts') },
    format: 'cjs',
    external: (id) => id === 'electron',
  },
  {
    folder: 'dist/engine',
    entries: {
      engine: sources('main/engine/process.ts'),
      'evaluate-worker': sources('main/handlers/evaluate-worker.ts'),
      'session-worker': sources('main/engine/session-worker.ts'),
      'imaging-thread': sources('main/imaging/thread.ts'),
      'slide-tile-worker': sources('main/handlers/slide-tile-worker.ts'),
      'dry-run-process': sources('main/engine/dry-run-process.ts'),
      'benchmark-process': sources('main/engine/benchmark-process.ts'),
    },
    format: 'es',
    external: isPackage,
  },
];

const startedAt = Date.now();
await rm(sources('dist'), { recursive: true, force: true });
const failures: string[] = [];
for (const bundle of bundles) await attempt(bundle.folder, () => build(nodeConfiguration(bundle)));
await attempt('dist/renderer', () => build({ ...windowConfiguration, configFile: false, logLevel: 'warn' }));
console.log(`Built dist/ in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
if (failures.length > 0) {
  console.error(`Failed: ${failures.join(', ')}.`);
  process.exitCode = 1;
}

/** One failure does not keep the others from being tried, so that one run tells everything. */
async function attempt(name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    failures.push(name);
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function nodeConfiguration({ folder, entries, format, external }: NodeBundle): InlineConfig {
  const extension = format === 'cjs' ? 'cjs' : 'js';
  return {
    configFile: false,
    root: repositoryRoot,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true },
    resolve: { conditions: ['node', 'import', 'default'] },
    build: {
      ssr: true,
      outDir: sources(folder),
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input: entries,
        external,
        output: { format, entryFileNames: `[name].${extension}`, chunkFileNames: `[name]-[hash].${extension}` },
      },
    },
  };
}
