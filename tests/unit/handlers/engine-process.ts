import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { CallInput, CallName, CallOutput, Envelope, EventName, Events } from '../../../preload/contract.ts';
import { deserialiseError, type SerialisedError } from '../../../preload/errors.ts';
import { repositoryRoot, type Place } from '../cli/verisim.ts';

export interface Engine {
  child: ChildProcess;
  events: { event: EventName; payload: Events[EventName] }[];
  /** Waits for the answer; throws the error of the envelope. */
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  /** As it crosses the boundary. */
  send(message: object): void;
  exited: Promise<void>;
  /** SIGTERM, as the application ends it. */
  stop(): Promise<void>;
  /** SIGKILL, as a power cut ends it. */
  kill(): Promise<void>;
}

type Outgoing = { id: number; envelope: Envelope<unknown> } | { event: EventName; payload: Events[EventName] };

/** The engine as the application starts it under an old Electron: a forked Node. Resolves when it is ready. */
export async function startEngine({ home, root }: Place): Promise<Engine> {
  const child = fork(path.join(repositoryRoot, 'main', 'engine', 'process.ts'), {
    env: { ...process.env, VERISIM_HOME: home, VERISIM_ROOT: root },
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  });
  const events: Engine['events'] = [];
  const answers = new Map<number, (envelope: Envelope<unknown>) => void>();
  let nextId = 1;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The engine ended with ${code}.`)));
    child.on('message', (message) => {
      const received = message as Outgoing;
      if ('id' in received) answers.get(received.id)?.(received.envelope);
      else {
        events.push(received);
        if (received.event === 'engine.state') resolve();
      }
    });
  });
  const end = (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    return exited;
  };
  return {
    child,
    events,
    exited,
    send: (message) => void child.send(message),
    async call<Name extends CallName>(name: Name, input: CallInput<Name>) {
      const id = nextId++;
      const envelope = await new Promise<Envelope<unknown>>((resolve) => {
        answers.set(id, resolve);
        child.send({ id, name, input });
      });
      if (!envelope.ok) throw deserialiseError(envelope.error as SerialisedError);
      return envelope.value as CallOutput<Name>;
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

export async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
