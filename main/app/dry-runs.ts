import { type UtilityProcess, utilityProcess } from 'electron';
import { dryRunScript } from './folders.ts';

/**
 * Dry runs of models for an engine that lives in a utility process: only this process can start another one. The engine sends
 * {dryRun, request} or {dryRun, stop}, and gets {dryRun, reply}; what request and reply hold is none of this process's business.
 */
type FromEngine = { dryRun: number; request: unknown } | { dryRun: number; stop: true };

/** Returns a function that takes a message of the engine and says whether it was about a dry run. */
export function serveDryRuns(engine: UtilityProcess, env: NodeJS.ProcessEnv): (message: unknown) => boolean {
  const running = new Map<number, UtilityProcess>();
  engine.once('exit', () => running.forEach((child) => child.kill()));
  return (message) => {
    if (!isDryRun(message)) return false;
    if ('stop' in message) end(running.get(message.dryRun));
    else start(message);
    return true;
  };

  function start({ dryRun, request }: { dryRun: number; request: unknown }): void {
    const child = utilityProcess.fork(dryRunScript, [], { env, serviceName: 'Verisim model check', stdio: 'ignore' });
    running.set(dryRun, child);
    const settle = (reply: unknown): void => {
      if (!running.delete(dryRun)) return;
      engine.postMessage({ dryRun, reply });
      child.kill();
    };
    child.once('message', settle);
    child.once('exit', (code) => settle({ ended: `exit code ${code}` }));
    child.postMessage(request);
  }
}

/** A process that is still being started cannot be ended yet. */
function end(child: UtilityProcess | undefined): void {
  if (child?.kill() === false) child.once('spawn', () => child.kill());
}

function isDryRun(message: unknown): message is FromEngine {
  return typeof message === 'object' && message !== null && 'dryRun' in message;
}
