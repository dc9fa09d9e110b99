import path from 'node:path';
import { type CallName, calls, type Envelope, type EventName, type Events } from '../../preload/contract.ts';
import type { ApplicationInfo } from '../../preload/domain.ts';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../handlers/dependencies.ts';
import { createHandlers, type Handlers } from '../handlers/index.ts';
import { parseInput } from '../handlers/parse.ts';
import { beginUpkeep } from '../handlers/upkeep.ts';

/**
 * The engine's entry: in Electron's utility process messages go through `process.parentPort`, in a forked Node through
 * `process.send`. In: {id, name, input} or {id, abort: true}. Out: {id, envelope} and {event, payload}.
 */
type Incoming = { id: number; name: string; input: unknown } | { id: number; abort: true };
type Outgoing =
  | { id: number; envelope: Envelope<unknown> }
  | { event: EventName; payload: Events[keyof Events] }
  | { dryRun: number; request: unknown }
  | { dryRun: number; stop: true };
type DryRunHost = NonNullable<WorkspaceOptions['dryRunHost']>;
type DryRunReply = Awaited<ReturnType<DryRunHost>>;

interface Port {
  host: ApplicationInfo['engineHost'];
  send(message: Outgoing): void;
  listen(listener: (message: unknown) => void): void;
}

/** The part of Electron's MessagePortMain that is used; its types belong to the application process. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

const port = findPort();
const aborts = new Map<number, AbortController>();
const dryRuns = new Map<number, (reply: DryRunReply) => void>();
const early: unknown[] = [];
let nextDryRun = 1;
let receive = (message: unknown): void => void early.push(message);
port.listen((message) => receive(message));
await start();

async function start(): Promise<void> {
  let workspace: Workspace;
  try {
    workspace = await openWorkspace({
      dataFolder: environmentFolder('VERISIM_HOME'),
      applicationRoot: environmentFolder('VERISIM_ROOT'),
      engineHost: port.host,
      emit: (event, payload) => port.send({ event, payload }),
      ...(port.host === 'utility-process' ? { dryRunHost: dryRunInApplication } : {}),
    });
  } catch (error) {
    refuseAll(serialiseError(error));
    return;
  }
  const handlers = createHandlers(workspace);
  receive = (message) => {
    if (!isDryRunReply(message)) return void answer(handlers, message);
    dryRuns.get(message.dryRun)?.(message.reply);
    dryRuns.delete(message.dryRun);
  };
  stopOnRequest(workspace, beginUpkeep(workspace));
  port.send({ event: 'engine.state', payload: { state: 'ready', reason: '' } });
  for (const message of early.splice(0)) receive(message);
}

/** Only the application process can start a further utility process (main/app/dry-runs.ts). */
function dryRunInApplication(...[request, signal]: Parameters<DryRunHost>): ReturnType<DryRunHost> {
  return new Promise((resolve) => {
    const dryRun = nextDryRun++;
    const stop = (): void => port.send({ dryRun, stop: true });
    dryRuns.set(dryRun, (reply) => {
      signal.removeEventListener('abort', stop);
      resolve(reply);
    });
    signal.addEventListener('abort', stop, { once: true });
    port.send({ dryRun, request });
  });
}

/** Without its log the engine stays and says to every call why it cannot work: a restart would not help. */
function refuseAll(error: ReturnType<typeof serialiseError>): void {
  receive = (message) => {
    if (isIncoming(message) && !('abort' in message)) port.send({ id: message.id, envelope: { ok: false, error } });
  };
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  port.send({ event: 'engine.state', payload: { state: 'ready', reason: '' } });
  port.send({ event: 'engine.state', payload: { state: 'failed', reason: error.message } });
  for (const message of early.splice(0)) receive(message);
}

async function answer(handlers: Handlers, message: unknown): Promise<void> {
  if (!isIncoming(message)) return;
  const { id } = message;
  if ('abort' in message) {
    aborts.get(id)?.abort();
    return;
  }
  const abort = new AbortController();
  aborts.set(id, abort);
  try {
    const value = await perform(handlers, message, abort.signal);
    port.send({ id, envelope: { ok: true, value } });
  } catch (error) {
    port.send({ id, envelope: { ok: false, error: serialiseError(error) } });
  } finally {
    aborts.delete(id);
  }
}

async function perform(
  handlers: Handlers,
  { name, input }: { name: string; input: unknown },
  signal: AbortSignal,
): Promise<unknown> {
  if (!Object.hasOwn(handlers, name) || !Object.hasOwn(calls, name)) {
    throw new VerisimError('InvalidInput', `There is no call named ${name} in the engine.`, { found: name });
  }
  const handler = handlers[name as keyof Handlers] as (input: unknown, context: object) => Promise<unknown>;
  return handler(parseInput(name as CallName, input), { signal });
}

/** A signal, or the end of the application process, ends the engine; the running job waits for the next start. */
function stopOnRequest(workspace: Workspace, endUpkeep: () => void): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    endUpkeep();
    for (const abort of aborts.values()) abort.abort();
    void workspace.close().finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop);
}

function findPort(): Port {
  const parentPort = 'parentPort' in process ? (process.parentPort as ParentPort | undefined) : undefined;
  if (parentPort) {
    return {
      host: 'utility-process',
      send: (message) => parentPort.postMessage(message),
      listen: (listener) => parentPort.on('message', ({ data }) => listener(data)),
    };
  }
  if (process.send === undefined) {
    throw new VerisimError('WrongUse', 'The engine is started by the application, not by hand.');
  }
  return {
    host: 'node',
    send: (message) => {
      if (process.connected) process.send?.(message);
    },
    listen: (listener) => void process.on('message', listener),
  };
}

function environmentFolder(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return path.resolve(value);
  throw new VerisimError('WrongUse', `The environment variable ${name} must name a folder.`, { expected: name });
}

function isDryRunReply(message: unknown): message is { dryRun: number; reply: DryRunReply } {
  return typeof message === 'object' && message !== null && 'dryRun' in message && 'reply' in message;
}

function isIncoming(message: unknown): message is Incoming {
  if (typeof message !== 'object' || message === null || !('id' in message) || typeof message.id !== 'number')
    return false;
  return 'abort' in message || ('name' in message && typeof message.name === 'string');
}
