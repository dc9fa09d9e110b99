import { _electron, type ElectronApplication, type Page } from 'playwright';
import type { CallInput, CallName, CallOutput } from '../../preload/contract.ts';
import { electronArguments } from '../electron-arguments.ts';
import { electronRuntime } from '../electron-runtime.ts';
import { repositoryRoot } from '../repository.ts';

/** Makes the Electron of this machine known to Playwright; setting it up is no part of what is timed. */
export async function prepareElectron(): Promise<void> {
  const { distFolder, message } = await electronRuntime((line) => console.log(line));
  console.log(message);
  // Without executablePath, so that Playwright holds the application back until it is attached.
  process.env.ELECTRON_OVERRIDE_DIST_PATH = distFolder;
}

/** Starts the built application on a data folder. Needs `prepareElectron`. */
export async function startApplication(dataFolder: string): Promise<{ application: ElectronApplication; page: Page }> {
  const env = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]));
  const application = await _electron.launch({
    args: electronArguments(),
    cwd: repositoryRoot,
    env: { ...env, VERISIM_HOME: dataFolder },
  });
  return { application, page: await application.firstWindow() };
}

/** Throws where the engine answers with an error. */
export async function call<Name extends CallName>(
  page: Page,
  name: Name,
  input: CallInput<Name>,
): Promise<CallOutput<Name>> {
  const envelope = await page.evaluate(
    ([callName, callInput]) => {
      const { verisim } = window as unknown as { verisim: { invoke(n: string, i: unknown): Promise<unknown> } };
      return verisim.invoke(callName, callInput);
    },
    [name, input] as const,
  );
  const answer = envelope as { ok: boolean; value: CallOutput<Name>; error: { message: string } };
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}
