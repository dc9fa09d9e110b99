import { parentPort, workerData } from 'node:worker_threads';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import { inBackground } from './background-threads.ts';
import { type BatchPreview, generateBatch } from './generate-batch.ts';
import type { ModelPack } from './packs.ts';
import { createSession } from './session.ts';
import type { DenoiserSession } from './session.ts';
import { flag } from './session-messages.ts';
import type { WorkerReply, WorkerRequest, WorkerSetup } from './session-messages.ts';

/**
 * The thread that holds the ONNX session. ONNX Runtime blocks its thread, so the whole sampling loop runs here and a
 * shared flag asks it to stop between two steps. One request at a time; the last session is kept for the next one.
 */
type RequestOf<Kind> = Extract<WorkerRequest, { kind: Kind }>;

const millisecondsBetweenSteps = 100;
const port = parentPort;
const flags = new Int32Array((workerData as WorkerSetup).flags);
let loaded: { key: string; pack: ModelPack; session: DenoiserSession } | null = null;

port?.on('message', (request: WorkerRequest) => {
  if (request.kind === 'end') void end();
  else void answer(request);
});

async function answer(request: Exclude<WorkerRequest, { kind: 'end' }>): Promise<void> {
  let reply: WorkerReply;
  try {
    reply = request.kind === 'load' ? await load(request) : await batch(request);
  } catch (error) {
    reply = { kind: 'failed', error: serialiseError(error) };
  }
  // Before the reply, as the next request may follow it at once.
  Atomics.store(flags, flag.busy, 0);
  Atomics.notify(flags, flag.busy);
  const pixels = reply.kind === 'batch' ? reply.result.images.map((image) => image.pixels.buffer) : [];
  port?.postMessage(reply, pixels);
}

async function load({ pack, provider, encoder }: RequestOf<'load'>): Promise<WorkerReply> {
  const started = performance.now();
  const key = JSON.stringify([pack.folder, pack.manifest, provider]);
  const complete = !encoder || loaded?.session.autoencoder?.encoder !== null;
  if (loaded?.key !== key || !complete) {
    await release();
    loaded = { key, pack, session: await inBackground(() => createSession(pack, provider, { encoder })) };
  }
  const { session } = loaded;
  const seconds = (performance.now() - started) / 1000;
  return { kind: 'loaded', provider: session.provider, warnings: session.warnings, seconds };
}

async function batch({ settings, images, previews }: RequestOf<'batch'>): Promise<WorkerReply> {
  if (loaded === null) throw new VerisimError('Internal', 'A batch was sent before a model was loaded.');
  let lastReport = 0;
  const result = await generateBatch({
    manifest: loaded.pack.manifest,
    session: loaded.session,
    settings,
    images,
    shouldStop: () => Atomics.load(flags, flag.stop) === 1,
    onPreview: previews ? sendPreview : undefined,
    onStep: (done, total) => {
      const now = performance.now();
      if (now - lastReport < millisecondsBetweenSteps) return;
      lastReport = now;
      port?.postMessage({ kind: 'step', done, total } satisfies WorkerReply);
    },
  });
  return result === null ? { kind: 'stopped' } : { kind: 'batch', result };
}

function sendPreview(preview: BatchPreview): void {
  const pixels = preview.images.map((image) => image.pixels.buffer);
  port?.postMessage({ kind: 'preview', preview } satisfies WorkerReply, pixels);
}

/** Nothing is left to wait for afterwards, so the thread ends by itself. */
async function end(): Promise<void> {
  await release();
  port?.close();
}

async function release(): Promise<void> {
  const previous = loaded;
  loaded = null;
  await previous?.session.release();
}
