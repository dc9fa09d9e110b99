import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { test as base, _electron, type ElectronApplication, type Page } from '@playwright/test';
import type { CallInput, CallName, CallOutput, Envelope, VerisimBridge } from '../../preload/contract.ts';
import { electronArguments } from '../../scripts/electron-arguments.ts';
import { repositoryRoot } from '../../scripts/repository.ts';

export interface RunningApplication {
  application: ElectronApplication;
  page: Page;
}

interface Fixtures {
  /** A data folder of its own for each test. */
  home: string;
  /** Starts the application on `home`, or on another data folder; again after a close or a kill. All that still run are closed at the end. */
  launch: (dataFolder?: string) => Promise<RunningApplication>;
}

interface WorkerFixtures {
  /** X display of this worker alone, where the machine shows none: windows that share one take each other's pointer and focus. */
  display: string;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  display: [
    async ({}, use) => {
      if (process.platform !== 'linux' || process.env.DISPLAY) return use(process.env.DISPLAY ?? '');
      const options = ['-displayfd', '3', '-screen', '0', '1600x1000x24'];
      const server = spawn('Xvfb', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
      const [number] = (await once(server.stdio[3] as Readable, 'data')) as [Buffer];
      await use(`:${number.toString().trim()}`);
      server.kill();
    },
    { scope: 'worker' },
  ],

  home: async ({}, use) => {
    const home = await mkdtemp(join(tmpdir(), 'verisim-e2e-'));
    await use(home);
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  },

  launch: async ({ home, display }, use) => {
    const started: ElectronApplication[] = [];
    await use(async (dataFolder = home) => {
      // Without executablePath, so that Playwright holds the application back until it is attached.
      if (!process.env.ELECTRON_OVERRIDE_DIST_PATH) throw new Error('Start these tests with npm run test:e2e.');
      const args = electronArguments();
      const application = await _electron.launch({
        args,
        chromiumSandbox: !args.includes('--no-sandbox'),
        cwd: repositoryRoot,
        env: { ...definedEnvironment(), ...(display === '' ? {} : { DISPLAY: display }), VERISIM_HOME: dataFolder },
      });
      started.push(application);
      const page = await application.firstWindow();
      await page.waitForLoadState('load');
      return { application, page };
    });
    for (const application of started) await application.close().catch(() => undefined);
  },
});

export { expect } from '@playwright/test';

/** Any name and any input over the window's own bridge, as a hostile page would try. */
export function invokeAnything(page: Page, name: string, input: unknown): Promise<unknown> {
  return page.evaluate(
    ([callName, callInput]) => (window as unknown as UntypedBridgeWindow).verisim.invoke(callName, callInput),
    [name, input] as const,
  );
}

/** Calls the window's own bridge, as the page itself does. */
export function invoke<Name extends CallName>(page: Page, name: Name, input: CallInput<Name>) {
  return invokeAnything(page, name, input) as Promise<Envelope<CallOutput<Name>>>;
}

/** Like `invoke`, for a call that must succeed. */
export async function call<Name extends CallName>(
  page: Page,
  name: Name,
  input: CallInput<Name>,
): Promise<CallOutput<Name>> {
  const envelope = await invoke(page, name, input);
  if (!envelope.ok) throw new Error(`${name} failed with ${envelope.error.tag}: ${envelope.error.message}`);
  return envelope.value;
}

/** The engine is the process below the application that runs dist/engine/engine.js, in Node or in Electron's Node service. */
export async function enginePid(application: ElectronApplication): Promise<number> {
  const below = [application.process().pid ?? 0];
  for (let pid = below.shift(); pid !== undefined; pid = below.shift()) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (/engine\/engine\.js|node\.mojom\.NodeService/.test(command)) return pid;
    for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
      const children = await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '');
      below.push(...children.split(' ').filter(Boolean).map(Number));
    }
  }
  throw new Error('No engine process was found.');
}

export interface BridgeWindow {
  verisim: VerisimBridge;
}

interface UntypedBridgeWindow {
  verisim: { invoke(name: string, input: unknown): Promise<unknown> };
}

function definedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
