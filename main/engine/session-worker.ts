import { parentPort, workerData } from 'node:worker_threads';
import type { ProviderName } from '../../preload/domain.ts';
import type { SerialisedError } from '../../preload/errors.ts';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import type { BatchImage, BatchResult, SamplingSettings } from './generate-batch.ts';
import { generateBatch } from './generate-batch.ts';
import type { ModelPack } from './packs.ts';
import { createSession } from './session.ts';
import type { DenoiserSession } from './session.ts';

/**
 * The thread that holds the ONNX session. ONNX Runtime blocks its thread, so the whole sampling loop runs here and a
 * shared flag asks it to stop between two steps. One request at a time; the last session is kept for the next one.
 */
export type WorkerRequest =
  | { kind: 'load'; pack: ModelPack; provider: ProviderName }
  | { kind: 'batch'; settings: SamplingSettings; images: BatchImage[] };

export type WorkerReply =
  | { kind: 'loaded'; provider: ProviderName; warnings: string[]; seconds: number }
  | { kind: 'step'; done: number; total: number }
  | { kind: 'batch'; result: BatchResult }
  | { kind: 'stopped' }
  | { kind: 'failed'; error: SerialisedError };

export interface WorkerSetup {
  /** Int32Array of one element: 1 = stop at the next step. */
  stopFlag: SharedArrayBuffer;
}

const millisecondsBetweenSteps = 100;
const port = parentPort;
const stop = new Int32Array((workerData as WorkerSetup).stopFlag);
let loaded: { key: string; pack: ModelPack; session: DenoiserSession } | null = null;

port?.on('message', (request: WorkerRequest) => {
  const work = request.kind === 'load' ? load(request) : batch(request);
  work.catch((error: unknown) => reply({ kind: 'failed', error: serialiseError(error) }));
});

async function load({ pack, provider }: { pack: ModelPack; provider: ProviderName }): Promise<void> {
  const started = performance.now();
  const key = JSON.stringify([pack.folder, pack.manifest, provider]);
  if (loaded?.key !== key) {
    const previous = loaded;
    loaded = null;
    await previous?.session.release();
    loaded = { key, pack, session: await createSession(pack, provider) };
  }
  const { session } = loaded;
  const seconds = (performance.now() - started) / 1000;
  reply({ kind: 'loaded', provider: session.provider, warnings: session.warnings, seconds });
}

async function batch({ settings, images }: { settings: SamplingSettings; images: BatchImage[] }): Promise<void> {
  if (loaded === null) throw new VerisimError('Internal', 'A batch was sent before a model was loaded.');
  let lastReport = 0;
  const result = await generateBatch({
    manifest: loaded.pack.manifest,
    session: loaded.session,
    settings,
    images,
    shouldStop: () => Atomics.load(stop, 0) === 1,
    onStep: (done, total) => {
      const now = performance.now();
      if (now - lastReport < millisecondsBetweenSteps) return;
      lastReport = now;
      reply({ kind: 'step', done, total });
    },
  });
  if (result === null) return reply({ kind: 'stopped' });
  reply(
    { kind: 'batch', result },
    result.images.map((image) => image.pixels.buffer),
  );
}

function reply(message: WorkerReply, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}
