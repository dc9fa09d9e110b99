import { parentPort, workerData } from 'node:worker_threads';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import { inBackground } from './background-threads.ts';
import { decodeRegion } from './decode-region.ts';
import { type BatchPreview, generateBatch } from './generate-batch.ts';
import { generateBlock } from './generate-block.ts';
import { createCodec } from './generate-codec.ts';
import type { ModelPack } from './packs.ts';
import { createSession } from './session.ts';
import type { DenoiserSession } from './session.ts';
import { flag } from './session-messages.ts';
import type { WorkerReply, WorkerRequest, WorkerSetup } from './session-messages.ts';
import { traceImage } from './trace-image.ts';

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
    reply = await answers[request.kind](request as never);
  } catch (error) {
    reply = { kind: 'failed', error: serialiseError(error) };
  }
  // Before the reply, as the next request may follow it at once.
  Atomics.store(flags, flag.busy, 0);
  Atomics.notify(flags, flag.busy);
  port?.postMessage(reply, buffersOf(reply));
}

/** What is handed over rather than copied. */
function buffersOf(reply: WorkerReply): ArrayBuffer[] {
  if (reply.kind === 'batch') return reply.result.images.map((image) => image.pixels.buffer);
  if (reply.kind === 'decode-region') return [reply.picture.rgb.buffer];
  if (reply.kind !== 'block') return [];
  const { made, strips } = reply.result;
  const own = made.kind === 'picture' ? made.picture.rgb.buffer : made.latent.values.buffer;
  return [own, ...strips.map(({ values }) => values.buffer)];
}

const answers = { load, batch, trace, encode, decode, block, 'decode-region': decodePart } satisfies {
  [Kind in Exclude<WorkerRequest['kind'], 'end'>]: (request: RequestOf<Kind>) => Promise<WorkerReply>;
};

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
  const onPreview = previews ? sendPreview : undefined;
  const result = await generateBatch({ ...loop(), settings, images, onPreview });
  return result === null ? { kind: 'stopped' } : { kind: 'batch', result };
}

async function trace({ settings, image, frames }: RequestOf<'trace'>): Promise<WorkerReply> {
  const found = await traceImage({ ...loop(), settings, image, frames });
  return found === null ? { kind: 'stopped' } : { kind: 'trace', trace: found };
}

async function encode({ images }: RequestOf<'encode'>): Promise<WorkerReply> {
  const { manifest, session, shouldStop, onStep } = loop();
  const codec = createCodec(manifest, session);
  const latents: Float64Array[] = [];
  for (const values of images) {
    if (shouldStop()) return { kind: 'stopped' };
    latents.push(...(await codec.encode([{ slot: 0, values }])));
    onStep(latents.length, images.length);
  }
  return { kind: 'encode', latents };
}

async function decode({ latents }: RequestOf<'decode'>): Promise<WorkerReply> {
  const { manifest, session, shouldStop, onStep } = loop();
  const codec = createCodec(manifest, session);
  const images: Float32Array[] = [];
  for (const values of latents) {
    if (shouldStop()) return { kind: 'stopped' };
    images.push(...(await codec.decode([{ slot: 0, values }])));
    onStep(images.length, latents.length);
  }
  return { kind: 'decode', images };
}

async function block({ request }: RequestOf<'block'>): Promise<WorkerReply> {
  const result = await generateBlock({ ...loop(), request });
  return result === null ? { kind: 'stopped' } : { kind: 'block', result };
}

async function decodePart({ request }: RequestOf<'decode-region'>): Promise<WorkerReply> {
  const picture = await decodeRegion({ ...loop(), request });
  return picture === null ? { kind: 'stopped' } : { kind: 'decode-region', picture };
}

/** What every kind of work shares: the networks, the wish to end, and reports that are not too many. */
function loop() {
  if (loaded === null) throw new VerisimError('Internal', 'Work was sent before a model was loaded.');
  let lastReport = 0;
  return {
    manifest: loaded.pack.manifest,
    session: loaded.session,
    shouldStop: () => Atomics.load(flags, flag.stop) === 1,
    onStep: (done: number, total: number): void => {
      const now = performance.now();
      if (now - lastReport < millisecondsBetweenSteps) return;
      lastReport = now;
      port?.postMessage({ kind: 'step', done, total } satisfies WorkerReply);
    },
  };
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
