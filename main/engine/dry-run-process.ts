import { writeFileSync } from 'node:fs';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import { gaussianNoise } from '../diffusion/noise.ts';
import type { DryRunReply, DryRunReport, DryRunRequest } from './dry-run.ts';
import { createSession, type DenoiserSession } from './session.ts';

/** The process of one dry run: one request, one reply, the end. Started by Node (`fork`) or by Electron's application process. */
interface ParentPort {
  postMessage(message: unknown): void;
  once(event: 'message', listener: (event: { data: unknown }) => void): void;
}

const parentPort = 'parentPort' in process ? (process.parentPort as ParentPort | undefined) : undefined;
takeBlameForMemory();
if (parentPort) parentPort.once('message', ({ data }) => void answer(data as DryRunRequest));
else process.once('message', (request) => void answer(request as DryRunRequest)).on('disconnect', () => process.exit());

async function answer(request: DryRunRequest): Promise<void> {
  let reply: DryRunReply;
  try {
    reply = { ok: true, report: await run(request) };
  } catch (error) {
    reply = { ok: false, error: serialiseError(error) };
  }
  if (parentPort) parentPort.postMessage(reply);
  else process.send?.(reply, () => process.exit());
}

async function run({ pack, provider }: DryRunRequest): Promise<DryRunReport> {
  const before = process.memoryUsage.rss();
  const started = performance.now();
  const session = await createSession(pack, provider, { encoder: true });
  const { steps } = pack.manifest.schedule;
  const noise = Float32Array.from(gaussianNoise(0, 0, session.sample.length));
  const nullLabel = pack.manifest.conditioning?.nullLabel ?? 0;
  for (let slot = 0; slot < session.batch; slot++) session.setLabel(slot, slot % 2 === 0 ? 0 : nullLabel);
  await predict(session, noise, 0, pack.manifest.id);
  await predict(session, noise, steps - 1, pack.manifest.id);
  await runAutoencoder(session, pack.manifest.id);
  const lastStarted = performance.now();
  const prediction = await predict(session, noise, Math.floor(steps / 2), pack.manifest.id);
  const ended = performance.now();
  return {
    provider: session.provider,
    warnings: session.warnings,
    seconds: (ended - started) / 1000,
    secondsPerStep: (ended - lastStarted) / 1000,
    peakBytes: Math.max(0, process.resourceUsage().maxRSS * 1024 - before),
    prediction,
  };
}

async function predict(
  session: DenoiserSession,
  noise: Float32Array,
  timestep: number,
  model: string,
): Promise<Float32Array> {
  session.sample.set(noise);
  session.setTimestep(timestep);
  const prediction = Float32Array.from(await session.run());
  checkFinite(prediction, `The model ${model}`, `at timestep ${timestep}`);
  return prediction;
}

/** An image through both halves: what the decoder is given must lie where it was trained. */
async function runAutoencoder({ autoencoder }: DenoiserSession, model: string): Promise<void> {
  const { encoder = null, decoder = null } = autoencoder ?? {};
  if (encoder === null || decoder === null) return;
  await encoder.run();
  checkFinite(encoder.output, `The encoder of the model ${model}`, 'for an image of zeros');
  decoder.input.set(encoder.output.subarray(0, decoder.input.length));
  await decoder.run();
  checkFinite(decoder.output, `The decoder of the model ${model}`, 'for the latent of an image of zeros');
}

function checkFinite(values: Float32Array, network: string, where: string): void {
  if (values.every(Number.isFinite)) return;
  throw new VerisimError(
    'PackInvalid',
    `${network} returned values that are not finite numbers in the dry run, ${where}. Check the weights and the timesteps of the export (float16 arithmetic often overflows; store float16, compute in float32).`,
    { expected: 'finite values', found: 'NaN or infinity' },
  );
}

/** Where the memory of a Linux machine runs out, this process is ended and no other. */
function takeBlameForMemory(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    return;
  }
}
