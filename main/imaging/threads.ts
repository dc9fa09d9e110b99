import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { deserialiseError, VerisimError } from '../../preload/errors.ts';
import { inLanes } from './lanes.ts';
import { watchProcessorTime } from './thread-watch.ts';
import type { ThreadAnswers, ThreadReply, ThreadRequest, ThreadWork } from './thread.ts';

/** As many threads as the machine has cores, up to what memory for files in flight should be spent on. */
export const threadCount = Math.min(availableParallelism(), 16);
/** A second piece waits in each thread, so that none is idle while an answer is taken. */
const piecesPerThread = 2;

interface Thread {
  place: number;
  worker: Worker;
  /** In the order in which they are worked on. */
  waiting: Map<number, Asked>;
  endWatch: () => void;
}

interface Asked {
  work: ThreadWork;
  resolve(answer: ThreadReply): void;
  reject(error: unknown): void;
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
  const places = Math.min(threadCount, pieces.length);
  await inLanes(pieces, places * piecesPerThread, async (piece, lane) => {
    signal?.throwIfAborted();
    const place = lane % places;
    const reply = await ask(threads.get(place) ?? startThread(place), piece);
    if ('error' in reply) throw deserialiseError(reply.error);
    return take(reply.answer as ThreadAnswers[Work['kind']], piece);
  });
}

function ask(thread: Thread, work: ThreadWork): Promise<ThreadReply> {
  return new Promise((resolve, reject) => give(thread, { work, resolve, reject }));
}

function give(thread: Thread, asked: Asked): void {
  const id = nextId++;
  const { worker, waiting } = thread;
  waiting.set(id, asked);
  worker.postMessage({ id, work: asked.work } satisfies ThreadRequest);
  // Only a thread that works keeps the process alive.
  if (waiting.size === 1) {
    worker.ref();
    watch(thread);
  }
}

/** Gives up the piece that a thread works on when it takes far more processor time than any image does; the others go to a new thread. */
function watch(thread: Thread): void {
  thread.endWatch();
  const [current] = thread.waiting.values();
  if (current === undefined) return;
  const allowedMs = allowedMsOf(current.work);
  thread.endWatch = watchProcessorTime(thread.worker, allowedMs, () => {
    const [, ...others] = thread.waiting.values();
    thread.waiting.clear();
    forget(thread);
    for (const one of others) give(threads.get(thread.place) ?? startThread(thread.place), one);
    current.reject(neverEnds(current.work, allowedMs));
    void thread.worker.terminate();
  });
}

function forget(thread: Thread): void {
  if (threads.get(thread.place) === thread) threads.delete(thread.place);
}

/** Tens of times what decoding or reading headers takes. */
function allowedMsOf(work: ThreadWork): number {
  return work.kind === 'index' ? 20_000 : 3_000 + (work.wanted.length * work.target.frameLength) / 1000;
}

function neverEnds(work: ThreadWork, allowedMs: number): VerisimError {
  const path = work.kind === 'index' ? (work.paths[0] ?? '') : work.path;
  const seconds = Math.round(allowedMs / 1000);
  return new VerisimError(
    'DicomInvalid',
    `"${path}" was given up after ${seconds} s of computing: what it holds keeps its decoder busy without end. Copy the file again from its source.`,
    { path, expected: `an image within ${seconds} s`, found: 'no end' },
  );
}

function startThread(place: number): Thread {
  // Run from source or from the bundle; there the worker lies beside it.
  const file = import.meta.url.endsWith('.ts') ? './thread.ts' : './imaging-thread.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: { place } });
  const thread: Thread = { place, worker, waiting: new Map(), endWatch: () => undefined };
  threads.set(place, thread);
  worker.unref();
  worker.on('message', (reply: ThreadReply) => {
    const asked = thread.waiting.get(reply.id);
    thread.waiting.delete(reply.id);
    watch(thread);
    if (thread.waiting.size === 0) worker.unref();
    asked?.resolve(reply);
  });
  const end = (cause: unknown): void => {
    forget(thread);
    thread.endWatch();
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
