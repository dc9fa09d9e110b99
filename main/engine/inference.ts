import { Worker } from 'node:worker_threads';
import type { ProviderName } from '../../preload/domain.ts';
import { deserialiseError, VerisimError } from '../../preload/errors.ts';
import type { BatchImage, BatchPreview, BatchResult, SamplingSettings } from './generate-batch.ts';
import type { DecodeRequest } from './decode-region.ts';
import type { BlockRequest, BlockResult } from './generate-block.ts';
import type { ModelPack } from './packs.ts';
import type { RegionPicture } from './region-picture.ts';
import type { ImageTrace } from './trace-image.ts';
import type { WorkerReply, WorkerRequest, WorkerSetup } from './session-messages.ts';
import { flag } from './session-messages.ts';

/** The one inference thread of this process, lent to one run at a time. */
export interface InferenceLease {
  /**
   * Keeps networks that are loaded already; image to image needs the encoder too.
   * Throws PackInvalid, HashMismatch, InferenceFailed, Cancelled.
   */
  load(
    pack: ModelPack,
    options: { provider: ProviderName; encoder: boolean },
  ): Promise<{ provider: ProviderName; warnings: string[]; seconds: number }>;
  /** Throws InferenceFailed, Cancelled. */
  batch(settings: SamplingSettings, images: BatchImage[], watch: BatchWatcher): Promise<BatchResult>;
  /** One image with what the network took it for on the way. Throws InferenceFailed, Cancelled. */
  trace(settings: SamplingSettings, image: BatchImage, options: { frames: number } & BatchWatcher): Promise<ImageTrace>;
  /** Samples of the denoised space for images in stored units; needs the encoder. Throws InferenceFailed, Cancelled. */
  encode(images: Float32Array[], watch: BatchWatcher): Promise<Float64Array[]>;
  /** Images in stored units for samples of the denoised space. Throws InferenceFailed, Cancelled. */
  decode(latents: Float64Array[], watch: BatchWatcher): Promise<Float32Array[]>;
  /** One block of a region of any size. Throws InferenceFailed, ModelDoesNotFit, Cancelled. */
  block(request: BlockRequest, watch: BatchWatcher): Promise<BlockResult>;
  /** Pixels of a part of such a region. Throws InferenceFailed, Cancelled. */
  decodeRegion(request: DecodeRequest, watch: BatchWatcher): Promise<RegionPicture>;
  release(): void;
}

interface BatchWatcher {
  onStep(done: number, total: number): void;
  /** Without it no preview is made. */
  onPreview?: ((preview: BatchPreview) => void) | undefined;
}

interface Thread {
  worker: Worker;
  flags: Int32Array;
}

/** A step that does not end in this time after a cancel is left to itself; the next run gets a thread of its own. */
const graceMs = 3_000;
/** A run that follows at once finds the model loaded; then its memory goes back to the system. */
const idleMs = 5_000;
const exitWaitMs = 10_000;

let thread: Thread | null = null;
let idleTimer: NodeJS.Timeout | null = null;
let lastTurn: Promise<void> = Promise.resolve();

/** Waits for its turn; the lease must be released. Throws Cancelled when the signal comes first. */
export async function leaseInference(signal: AbortSignal): Promise<InferenceLease> {
  let release = (): void => undefined;
  const previousTurn = lastTurn;
  lastTurn = new Promise((resolve) => {
    release = () => {
      if (idleTimer !== null) clearTimeout(idleTimer);
      idleTimer = setTimeout(() => void disposeInference(), idleMs).unref();
      thread?.worker.unref();
      resolve();
    };
  });
  if (!(await turnComes(previousTurn, signal))) {
    void previousTurn.then(release);
    throw cancelled();
  }
  if (idleTimer !== null) clearTimeout(idleTimer);
  let loadedIn: Thread | null = null;
  return {
    async load(pack, options) {
      const reply = await exchange({ kind: 'load', pack, ...options }, signal);
      loadedIn = thread;
      if (reply.kind === 'loaded') return reply;
      throw unexpected(reply);
    },
    async batch(settings, images, watch) {
      if (thread !== loadedIn) throw threadEnded('it was asked to end');
      const previews = watch.onPreview !== undefined;
      const reply = await exchange({ kind: 'batch', settings, images, previews }, signal, watch);
      if (reply.kind === 'batch') return reply.result;
      throw unexpected(reply);
    },
    async trace(settings, image, { frames, ...watch }) {
      if (thread !== loadedIn) throw threadEnded('it was asked to end');
      const reply = await exchange({ kind: 'trace', settings, image, frames }, signal, watch);
      if (reply.kind === 'trace') return reply.trace;
      throw unexpected(reply);
    },
    async encode(images, watch) {
      if (thread !== loadedIn) throw threadEnded('it was asked to end');
      const reply = await exchange({ kind: 'encode', images }, signal, watch);
      if (reply.kind === 'encode') return reply.latents;
      throw unexpected(reply);
    },
    async decode(latents, watch) {
      if (thread !== loadedIn) throw threadEnded('it was asked to end');
      const reply = await exchange({ kind: 'decode', latents }, signal, watch);
      if (reply.kind === 'decode') return reply.images;
      throw unexpected(reply);
    },
    async block(request, watch) {
      if (thread !== loadedIn) throw threadEnded('it was asked to end');
      const reply = await exchange({ kind: 'block', request }, signal, watch);
      if (reply.kind === 'block') return reply.result;
      throw unexpected(reply);
    },
    async decodeRegion(request, watch) {
      if (thread !== loadedIn) throw threadEnded('it was asked to end');
      const reply = await exchange({ kind: 'decode-region', request }, signal, watch);
      if (reply.kind === 'decode-region') return reply.picture;
      throw unexpected(reply);
    },
    release,
  };
}

/** Ends the thread and frees the model's memory; the next run starts a fresh one. A run under way fails. */
export async function disposeInference(): Promise<void> {
  if (thread === null) return;
  const { worker } = thread;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  leaveThread();
  await ended;
}

/**
 * The thread ends by itself after its current step. It is never terminated: ONNX Runtime aborts the whole process when
 * its thread is ended from outside in the middle of a call, and a call cannot be cut short anyway.
 */
function leaveThread(): void {
  if (thread === null) return;
  Atomics.store(thread.flags, flag.stop, 1);
  thread.worker.postMessage({ kind: 'end' } satisfies WorkerRequest);
  thread = null;
}

/** False when the signal comes first. */
function turnComes(turn: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const onAbort = (): void => resolve(false);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void turn.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve(true);
    });
  });
}

/** Sends one request and waits for its final reply, the end of the thread, or a cancel. */
function exchange(request: WorkerRequest, signal: AbortSignal, watch?: BatchWatcher): Promise<WorkerReply> {
  const current = (thread ??= startThread());
  const { worker, flags } = current;
  Atomics.store(flags, flag.stop, 0);
  Atomics.store(flags, flag.busy, 1);
  worker.ref();
  return new Promise<WorkerReply>((resolve, reject) => {
    let graceTimer: NodeJS.Timeout | null = null;
    const settle = (finish: () => void): void => {
      if (graceTimer !== null) clearTimeout(graceTimer);
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      finish();
    };
    const onMessage = (reply: WorkerReply): void => {
      if (reply.kind === 'step') watch?.onStep(reply.done, reply.total);
      else if (reply.kind === 'preview') watch?.onPreview?.(reply.preview);
      else if (reply.kind === 'failed') settle(() => reject(deserialiseError(reply.error)));
      else if (signal.aborted) settle(() => reject(cancelled()));
      else if (reply.kind === 'stopped') lost('it was asked to end');
      else settle(() => resolve(reply));
    };
    const lost = (reason: string, cause?: unknown): void => {
      settle(() => reject(signal.aborted ? cancelled() : threadEnded(reason, cause)));
    };
    const onError = (cause: unknown): void => lost(cause instanceof Error ? cause.message : String(cause), cause);
    const onExit = (code: number): void => lost(`exit code ${code}`);
    const onAbort = (): void => {
      Atomics.store(flags, flag.stop, 1);
      graceTimer = setTimeout(() => {
        if (thread === current) leaveThread();
        worker.unref();
        lost('cancelled');
      }, graceMs);
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    worker.postMessage(request);
  });
}

function startThread(): Thread {
  const shared = new SharedArrayBuffer(8);
  const flags = new Int32Array(shared);
  // Run from source or from the bundle; there the worker lies beside it.
  const file = import.meta.url.endsWith('.ts') ? './session-worker.ts' : './session-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: { flags: shared } satisfies WorkerSetup });
  // The end of the process ends its threads, which must not happen inside a call of ONNX Runtime (see leaveThread).
  const waitForIdle = (): void => {
    Atomics.store(flags, flag.stop, 1);
    Atomics.wait(flags, flag.busy, 1, exitWaitMs);
  };
  process.once('exit', waitForIdle);
  // A thread that ends between two runs is replaced at the next one.
  const forget = (): void => {
    process.off('exit', waitForIdle);
    if (thread?.worker === worker) thread = null;
  };
  worker.on('error', forget).on('exit', forget);
  return { worker, flags };
}

function cancelled(): VerisimError {
  return new VerisimError('Cancelled', 'The generation was cancelled; finished images are kept.');
}

function threadEnded(reason: string, cause?: unknown): VerisimError {
  return new VerisimError(
    'InferenceFailed',
    `The inference thread ended unexpectedly (${reason}). The run can be retried.`,
    {
      found: reason,
      cause,
    },
  );
}

function unexpected(reply: WorkerReply): VerisimError {
  return new VerisimError('Internal', `The inference thread sent ${reply.kind} out of turn.`, { found: reply.kind });
}
