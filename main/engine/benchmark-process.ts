import { serialiseError, type SerialisedError } from '../../preload/errors.ts';
import { type BenchmarkMeasurement, type BenchmarkRequest, runBenchmark } from './benchmark-run.ts';

/** The process of one benchmarked pack: its peak memory is that of this pack alone. One request, progress, one reply, the end. */
export type BenchmarkMessage =
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'measured'; measurement: BenchmarkMeasurement }
  | { kind: 'failed'; error: SerialisedError };

process.once('message', (request) => void answer(request as BenchmarkRequest)).on('disconnect', () => process.exit());

async function answer(request: BenchmarkRequest): Promise<void> {
  const onProgress = (done: number, total: number): void => send({ kind: 'progress', done, total });
  try {
    const measurement = await runBenchmark(request, { signal: new AbortController().signal, onProgress });
    send({ kind: 'measured', measurement });
  } catch (error) {
    send({ kind: 'failed', error: serialiseError(error) });
  }
}

function send(message: BenchmarkMessage): void {
  process.send?.(message);
}
