import type { Envelope, EventName, Events } from '../../preload/contract.ts';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import { startEngineProcess, type EngineProcess } from './engine-process.ts';

export interface EngineHost {
  /** For a window that opens after the event was sent. */
  state(): Events['engine.state'];
  /** Waits for a starting engine; ends with EngineStopped when the engine dies meanwhile. Never rejects. */
  call(name: string, input: unknown): Promise<Envelope<unknown>>;
  stop(): Promise<void>;
}

interface EngineHostOptions {
  dataFolder: string;
  applicationRoot: string;
  onEvent: (event: EngineEvent) => void;
}

/** One event with its own payload. */
export type EngineEvent = { [Name in EventName]: { event: Name; payload: Events[Name] } }[EventName];

type Answer = (envelope: Envelope<unknown>) => void;
type FromEngine = { id: number; envelope: Envelope<unknown> } | EngineEvent;

const stopGraceMs = 5_000;
/** An engine that is not ready after this time is taken for dead. */
const startLimitMs = 30_000;
/** A crash within this time after a start counts towards the loop. */
const steadyAfterMs = 20_000;
/** First restart at once, then ever later, then not by itself any more. */
const restartDelaysMs = [0, 500, 2_000, 10_000, 30_000];

/** Keeps one engine alive: restarts it when it dies, and matches answers to calls. */
export function startEngine({ dataFolder, applicationRoot, onEvent }: EngineHostOptions): EngineHost {
  const environment = {
    VERISIM_HOME: dataFolder,
    VERISIM_ROOT: applicationRoot,
    VERISIM_ELECTRON: process.versions.electron,
  };
  const waiting: { name: string; input: unknown; answer: Answer }[] = [];
  const inFlight = new Map<number, Answer>();
  let engine: EngineProcess | null = null;
  let ready = false;
  let startedAt = 0;
  let crashes = 0;
  let nextId = 1;
  let onStopped: (() => void) | null = null;
  let startTimer: NodeJS.Timeout | undefined;
  let current: Events['engine.state'] = { state: 'starting', reason: 'The application starts.' };

  start();
  return { state: () => current, call, stop };

  function call(name: string, input: unknown): Promise<Envelope<unknown>> {
    return new Promise((answer) => {
      if (onStopped) return answer(stopped('The application is closing.'));
      if (ready) return send(name, input, answer);
      waiting.push({ name, input, answer });
      if (!engine && crashes >= restartDelaysMs.length) start();
    });
  }

  function start(): void {
    startedAt = Date.now();
    startTimer = setTimeout(() => engine?.kill(), startLimitMs);
    try {
      engine = startEngineProcess(environment, {
        onMessage: (message) => receive(message as FromEngine),
        onExit: ended,
      });
    } catch (error) {
      ended(error instanceof Error ? error.message : String(error));
    }
  }

  function send(name: string, input: unknown, answer: Answer): void {
    const id = nextId++;
    inFlight.set(id, answer);
    engine?.send({ id, name, input });
  }

  function receive(message: FromEngine): void {
    if ('id' in message) {
      inFlight.get(message.id)?.(message.envelope);
      inFlight.delete(message.id);
      return;
    }
    if (message.event !== 'engine.state') return onEvent(message);
    announce(message.payload);
    if (ready || current.state !== 'ready') return;
    ready = true;
    clearTimeout(startTimer);
    for (const { name, input, answer } of waiting.splice(0)) send(name, input, answer);
  }

  function announce(state: Events['engine.state']): void {
    current = state;
    onEvent({ event: 'engine.state', payload: state });
  }

  function ended(reason: string): void {
    clearTimeout(startTimer);
    engine = null;
    ready = false;
    const lost = stopped(`The engine stopped (${reason}) before it answered.`);
    for (const answer of inFlight.values()) answer(lost);
    inFlight.clear();
    if (onStopped) return onStopped();
    crashes = Date.now() - startedAt > steadyAfterMs ? 1 : crashes + 1;
    const delayMs = restartDelaysMs[crashes - 1];
    if (delayMs === undefined) {
      for (const { answer } of waiting.splice(0)) answer(lost);
      announce({ state: 'failed', reason: `The engine stopped ${crashes} times in a row (${reason}).` });
      return;
    }
    announce({ state: 'restarting', reason: `The engine stopped (${reason}) and starts again.` });
    setTimeout(() => {
      if (!onStopped && !engine) start();
    }, delayMs);
  }

  function stop(): Promise<void> {
    const running = engine;
    if (!running) {
      onStopped = () => undefined;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => running.kill(), stopGraceMs);
      onStopped = () => {
        clearTimeout(timer);
        resolve();
      };
      running.requestStop();
    });
  }
}

function stopped(message: string): Envelope<never> {
  return { ok: false, error: serialiseError(new VerisimError('EngineStopped', message)) };
}
