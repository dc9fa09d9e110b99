import { deserialiseError, VerisimError } from '../../preload/errors.ts';
import type { BenchmarkMessage } from './benchmark-process.ts';
import { type BenchmarkMeasurement, type BenchmarkRequest, runBenchmark } from './benchmark-run.ts';
import { askChildProcess } from './child-process.ts';
import { leaseInference } from './inference.ts';

interface Context {
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

/**
 * Measures one pack in a process of its own, while no generation of this process runs. Inside Electron's utility process, which
 * cannot start Node, it runs here and the peak memory is not known. Throws PackInvalid, HashMismatch, InferenceFailed, Cancelled.
 */
export async function benchmarkPack(
  request: BenchmarkRequest,
  { ownProcess, signal, onProgress }: Context & { ownProcess: boolean },
): Promise<Omit<BenchmarkMeasurement, 'peakRssMb'> & { peakRssMb: number | null }> {
  if (!ownProcess) return { ...(await runBenchmark(request, { signal, onProgress })), peakRssMb: null };
  const lease = await leaseInference(signal);
  try {
    return await inOwnProcess(request, { signal, onProgress });
  } finally {
    lease.release();
  }
}

async function inOwnProcess(request: BenchmarkRequest, { signal, onProgress }: Context): Promise<BenchmarkMeasurement> {
  const onMessage = (message: BenchmarkMessage): Exclude<BenchmarkMessage, { kind: 'progress' }> | null => {
    if (message.kind !== 'progress') return message;
    onProgress(message.done, message.total);
    return null;
  };
  const outcome = await askChildProcess('benchmark-process', request, { signal, onMessage });
  if (signal.aborted) throw new VerisimError('Cancelled', 'The benchmark was cancelled.');
  if ('ended' in outcome) {
    throw new VerisimError(
      'InferenceFailed',
      `The process that measured the model ${request.pack.manifest.id} on ${request.provider} ended before it was done (${outcome.ended}). Free some memory or choose another provider.`,
      { expected: 'a measurement', found: outcome.ended },
    );
  }
  if (outcome.reply.kind === 'failed') throw deserialiseError(outcome.reply.error);
  return outcome.reply.measurement;
}
