import { parentPort, workerData } from 'node:worker_threads';
import { serialiseError, VerisimError, type SerialisedError } from '../../preload/errors.ts';
import { inBackground } from '../engine/background-threads.ts';
import { type SlideTiling, tileSlide, type TilingWork } from '../imaging/slide/tiling/tile-slide.ts';

/** The thread that tiles one slide, so that calls of the window are answered meanwhile. A shared flag asks it to end after a patch. */
export interface TileWorkerSetup {
  work: TilingWork;
  /** An Int32Array of one element; 1 asks for the end. */
  stop: SharedArrayBuffer;
}

export type TileWorkerReply =
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'result'; result: SlideTiling }
  | { kind: 'failed'; error: SerialisedError };

const millisecondsBetweenReports = 100;

if (parentPort !== null) {
  const port = parentPort;
  const { work, stop } = workerData as TileWorkerSetup;
  const flag = new Int32Array(stop);
  let lastReport = 0;
  const onProgress = (done: number, total: number): void => {
    if (Atomics.load(flag, 0) === 1)
      throw new VerisimError('Cancelled', 'The tiling was cancelled; finished tiles are kept.');
    const now = performance.now();
    if (now - lastReport < millisecondsBetweenReports && done < total) return;
    lastReport = now;
    port.postMessage({ kind: 'progress', done, total } satisfies TileWorkerReply);
  };
  const reply = await inBackground(() => tileSlide(work, { onProgress })).then(
    (result): TileWorkerReply => ({ kind: 'result', result }),
    (error: unknown): TileWorkerReply => ({ kind: 'failed', error: serialiseError(error) }),
  );
  port.postMessage(reply);
}
