import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { deserialiseError, VerisimError } from '../../preload/errors.ts';
import type { ThreadAnswers, ThreadReply, ThreadRequest, ThreadWork } from './thread.ts';

/** As many threads as the machine has cores, up to what memory for files in flight should be spent on. */
export const threadCount = Math.min(availableParallelism(), 16);
/** A second piece waits in each thread, so that none is idle while an answer is taken. */
const piecesPerThread = 2;

interface Thread {
  worker: Worker;
  waiting: Map<number, { resolve(answer: ThreadReply): void; reject(error: unknown): void }>;
}

/** Started at the first use and kept: a thread takes longer to start than most files to read. */
const threads = new Map<number, Thread>();
let nextId = 0;

/**
 * Does pieces of work on every core; `take` gets the answers in any order and may end it by returning false. The first failure
 * ends it after what is under way. Throws what the work throws; AbortError when `signal` fires.
 */
export async function inThreads<Work extends ThreadWork>(
  pieces: readonly Work[],
  {
    signal,
    take,
  }: { signal?: AbortSignal | undefined; take(answer: ThreadAnswers[Work['kind']], piece: Work): boolean | void },
): Promise<void> {
  let next = 0;
  let isOver = false;
  const lane = async (place: number): Promise<void> => {
    while (next < pieces.length && !isOver) {
      signal?.throwIfAborted();
      const piece = pieces[next++];
      if (piece === undefined) return;
      const reply = await ask(threads.get(place) ?? startThread(place), piece);
      if ('error' in reply) throw deserialiseError(reply.error);
      if (take(reply.answer as ThreadAnswers[Work['kind']], piece) === false) isOver = true;
    }
  };
  const places = Array.from({ length: Math.min(threadCount, pieces.length) }, (_, place) => place);
  const lanes = places.flatMap((place) => Array.from({ length: piecesPerThread }, () => lane(place)));
  const ends = await Promise.allSettled(
    lanes.map((one) =>
      one.catch((error: unknown) => {
        isOver = true;
        throw error;
      }),
    ),
  );
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

function ask({ worker, waiting }: Thread, work: ThreadWork): Promise<ThreadReply> {
  const id = nextId++;
  // Only a thread that works keeps the process alive.
  if (waiting.size === 0) worker.ref();
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, work } satisfies ThreadRequest);
  });
}

function startThread(place: number): Thread {
  // Run from source or from the bundle; there the worker lies beside it.
  const file = import.meta.url.endsWith('.ts') ? './thread.ts' : './imaging-thread.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: { place } });
  const thread: Thread = { worker, waiting: new Map() };
  threads.set(place, thread);
  worker.unref();
  worker.on('message', (reply: ThreadReply) => {
    const asked = thread.waiting.get(reply.id);
    thread.waiting.delete(reply.id);
    if (thread.waiting.size === 0) worker.unref();
    asked?.resolve(reply);
  });
  const end = (cause: unknown): void => {
    if (threads.get(place) === thread) threads.delete(place);
    for (const { reject } of thread.waiting.values()) reject(threadEnded(cause));
    thread.waiting.clear();
  };
  worker.on('error', end).on('exit', (code) => end(`exit code ${code}`));
  return thread;
}

function threadEnded(cause: unknown): VerisimError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new VerisimError('TooLarge', `A reading thread ended unexpectedly (${found}); memory may have run out.`, {
    expected: 'memory for the decoded images',
    found,
    cause,
  });
}
