import { fork } from 'node:child_process';

/**
 * Starts a file of this folder in a process of its own, sends it one request and takes its messages until `onMessage` gives back
 * the reply. Resolves to how the process ended where it sent none. A signal ends the process. Needs a host that is Node.
 */
export function askChildProcess<Message, Reply>(
  name: string,
  request: object,
  { signal, onMessage }: { signal: AbortSignal; onMessage: (message: Message) => Reply | null },
): Promise<{ reply: Reply } | { ended: string }> {
  return new Promise((resolve) => {
    // Run from source or from the bundle; there the file lies beside this one.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const child = fork(new URL(`./${name}.${extension}`, import.meta.url), {
      // As the engine itself, so that what is measured here is what a run takes.
      execArgv: ['--max-semi-space-size=1'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const stop = (): void => void child.kill('SIGKILL');
    const settle = (outcome: { reply: Reply } | { ended: string }): void => {
      signal.removeEventListener('abort', stop);
      child.off('exit', onExit);
      resolve(outcome);
      child.kill();
    };
    const onExit = (code: number | null, signalName: string | null): void =>
      settle({ ended: signalName === null ? `exit code ${code}` : `signal ${signalName}` });
    child.on('message', (message) => {
      const reply = onMessage(message as Message);
      if (reply !== null) settle({ reply });
    });
    child.once('error', (error) => settle({ ended: error.message }));
    child.once('exit', onExit);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    else child.send(request, () => undefined);
  });
}
