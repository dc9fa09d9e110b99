import type { ProviderName } from '../../preload/domain.ts';
import type { SerialisedError } from '../../preload/errors.ts';
import { deserialiseError, VerisimError } from '../../preload/errors.ts';
import { askChildProcess } from './child-process.ts';
import { unsupportedOperator } from './network-file.ts';
import type { ModelPack } from './packs.ts';

/**
 * A pack from a stranger, or a provider that was never used here, is tried in a process of its own: where ONNX Runtime or
 * a driver ends its process, nothing else ends with it.
 */
export interface DryRunRequest {
  pack: ModelPack;
  provider: ProviderName;
}

export interface DryRunReport {
  /** What really ran; differs from what was asked for only with a warning. */
  provider: ProviderName;
  warnings: string[];
  /** From the reading of the weights to the end of the last call. */
  seconds: number;
  /** One call of the denoiser after the first one. */
  secondsPerStep: number;
  /** Memory of the process at its peak, less what it had before the model was read. */
  peakBytes: number;
  /** The denoiser's output for one fixed input at half of the schedule. */
  prediction: Float32Array;
}

export type DryRunReply = { ok: true; report: DryRunReport } | { ok: false; error: SerialisedError };

/** Starts dry-run-process in some kind of process, sends it the request and hands its reply back; `ended` says how it ended without one. */
export type DryRunHost = (request: DryRunRequest, signal: AbortSignal) => Promise<DryRunReply | { ended: string }>;

const longestMs = 180_000;

/**
 * Runs every network of the pack on one batch of noise. Throws PackInvalid, HashMismatch, InferenceFailed, Cancelled;
 * PackInvalid also where the process did not survive it or did not end in three minutes.
 */
export async function dryRun(
  request: DryRunRequest,
  { signal, host = inChildProcess }: { signal: AbortSignal; host?: DryRunHost | undefined },
): Promise<DryRunReport> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(longestMs);
  const reply = await host(request, AbortSignal.any([signal, timeout]));
  if (signal.aborted) throw new VerisimError('Cancelled', 'The dry run was cancelled.');
  if ('ok' in reply) {
    if (reply.ok) return reply.report;
    throw operatorError(reply.error) ?? deserialiseError(reply.error);
  }
  const { manifest, folder } = request.pack;
  const found = timeout.aborted ? `no end after ${longestMs / 60_000} minutes` : reply.ended;
  throw new VerisimError(
    'PackInvalid',
    `The dry run of the model ${manifest.id} on ${request.provider} did not come to its end (${found}). The pack in ${folder} is damaged or asks for more than this machine has; export it again or choose another provider.`,
    { path: folder, expected: 'one batch of finite values', found },
  );
}

/** ONNX Runtime tells of an operator that it lacks in three ways: unknown to ONNX, to a library of operators, or without a kernel. */
function operatorError({ details: { path: file, found = '' } }: SerialisedError): VerisimError | null {
  const missing = /(?:No Op registered for|Could not find an implementation for) (?<operator>[\w.:]+)/;
  const unregistered = /(?<operator>[\w.:]+)\(-?\d+\) is not a registered function/;
  const operator = (missing.exec(found) ?? unregistered.exec(found))?.groups?.operator;
  return operator === undefined || file === undefined ? null : unsupportedOperator(file, operator);
}

/** Node starts Node; for an engine inside Electron the application process starts it instead. */
const inChildProcess: DryRunHost = async (request, signal) => {
  const outcome = await askChildProcess<DryRunReply, DryRunReply>('dry-run-process', request, {
    signal,
    onMessage: (reply) => reply,
  });
  return 'reply' in outcome ? outcome.reply : outcome;
};
