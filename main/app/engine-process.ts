import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { app, utilityProcess } from 'electron';
import { serveDryRuns } from './dry-runs.ts';
import { engineEnvironment, engineOptions } from './engine-environment.ts';
import { engineScript } from './folders.ts';

/** The engine as the host sees it, whichever way it was started. */
export interface EngineProcess {
  readonly pid: number | undefined;
  send(message: unknown): void;
  /** Asks it to stop; it may finish what it is writing. */
  requestStop(): void;
  kill(): void;
}

export interface EngineListeners {
  onMessage(message: unknown): void;
  /** Called once, however the process ended. */
  onExit(reason: string): void;
}

/** better-sqlite3 and onnxruntime-node are built against this version of Node-API. */
const neededNodeApi = 10;

/**
 * Starts the engine in Electron's own utility process, or, where that Electron's Node-API is too old for the native
 * modules (the checked fallback of development and tests), in the Node that the repository pins.
 */
export function startEngineProcess(environment: Record<string, string>, listeners: EngineListeners): EngineProcess {
  const env = { ...process.env, ...engineEnvironment, ...environment };
  return Number(process.versions.napi) >= neededNodeApi ? inUtilityProcess(env, listeners) : inNode(env, listeners);
}

function inUtilityProcess(env: NodeJS.ProcessEnv, { onMessage, onExit }: EngineListeners): EngineProcess {
  const child = utilityProcess.fork(engineScript, [], { env, serviceName: 'Verisim engine', stdio: 'inherit' });
  const isDryRun = serveDryRuns(child, env);
  child.on('message', (message: unknown) => {
    if (!isDryRun(message)) onMessage(message);
  });
  child.once('exit', (code) => onExit(`exit code ${code}`));
  return {
    get pid() {
      return child.pid;
    },
    send: (message) => child.postMessage(message),
    requestStop: () => child.kill(),
    kill: () => {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    },
  };
}

function inNode(env: NodeJS.ProcessEnv, { onMessage, onExit }: EngineListeners): EngineProcess {
  const execPath = join(app.getAppPath(), 'node_modules', '.bin', 'node');
  if (!existsSync(execPath)) throw new Error(`The engine needs the Node.js at ${execPath}; run npm ci.`);
  const child = fork(engineScript, {
    execPath,
    execArgv: engineOptions,
    env,
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let ended = false;
  const end = (reason: string) => {
    if (!ended) onExit(reason);
    ended = true;
  };
  child.on('message', onMessage);
  child.once('error', (error) => end(error.message));
  child.once('exit', (code, signal) => end(signal ? `signal ${signal}` : `exit code ${code}`));
  return {
    pid: child.pid,
    send: (message) => {
      if (child.connected) child.send(message as object);
    },
    requestStop: () => child.kill('SIGTERM'),
    kill: () => child.kill('SIGKILL'),
  };
}
