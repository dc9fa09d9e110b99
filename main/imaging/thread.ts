import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { serialiseError } from '../../preload/errors.ts';
import type { SerialisedError } from '../../preload/errors.ts';
import { decodeWork } from './dicom/decode-work.ts';
import type { DecodeWork } from './dicom/decode-work.ts';
import { indexWork } from './dicom/index-work.ts';
import type { IndexedPath, IndexWork } from './dicom/index-work.ts';
import type { StoredFit } from './dicom/store-values.ts';

/** Kind of work → what a thread answers. A further kind is one line here and one below. */
export interface ThreadAnswers {
  decode: StoredFit;
  index: IndexedPath[];
}
export type ThreadWork = DecodeWork | IndexWork;
export type ThreadRequest = { id: number; work: ThreadWork };
export type ThreadReply = { id: number } & (
  { answer: ThreadAnswers[keyof ThreadAnswers] } | { error: SerialisedError }
);

/** Between the window and the networks, which have 10. */
const niceness = 5;

/** A thread that reads and decodes DICOM files, one piece of work after another. */
if (parentPort !== null) {
  const port = parentPort;
  giveWay();
  const { place } = workerData as { place: number };
  let last = Promise.resolve();
  const answer = async ({ id, work }: ThreadRequest): Promise<void> => {
    const reply: ThreadReply = await (work.kind === 'decode' ? decodeWork(work, place) : indexWork(work)).then(
      (result) => ({ id, answer: result }),
      (error: unknown) => ({ id, error: serialiseError(error) }),
    );
    port.postMessage(reply);
  };
  port.on('message', (request: ThreadRequest) => {
    last = last.then(() => answer(request));
  });
}

/**
 * Decoding fills every core and must not keep the window from drawing the first look at a series. On Linux a thread has a priority of its
 * own; elsewhere it would be that of the whole process.
 */
function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(niceness);
  } catch {
    return;
  }
}
