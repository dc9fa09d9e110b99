import type { Log } from '../../main/log/log.ts';
import { randomOf } from '../random.ts';
import type { RunKind, RunState, SeriesSummary } from '../../preload/domain.ts';

const models = ['brain-mri-wdm-128', 'chest-xray-ldm-128', 'chest-xray-lwdm-128', 'chest-xray-wdm-128'];
const samplers = ['ddim', 'dpmpp-2m', 'unipc', 'heun'];
const words = ['pilot', 'ablation', 'guidance', 'sweep', 'lesion', 'baseline', 'rerun', 'figure', 'revision', 'night'];

/**
 * As many rows as asked for, through the log's own functions: nine of ten are generations of one to eight images, the others
 * comparisons and exports; some failed, some are starred, tagged or noted. Every row has inputs, outputs, timings and hashes.
 */
export function fillLog(log: Log<{ summary: SeriesSummary }>, count: number, onProgress: (done: number) => void): void {
  const random = randomOf(7);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const hash = (): string =>
    Array.from({ length: 8 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
  const beganMs = Date.UTC(2024, 0, 1);
  const batch = 2_000;
  for (let from = 0; from < count; from += batch) {
    log.transaction(() => {
      for (let at = from; at < Math.min(count, from + batch); at++) addRun(at);
    });
    onProgress(Math.min(count, from + batch));
  }

  function addRun(at: number): void {
    const createdMs = beganMs + at * 900_000;
    const iso = (secondsLater: number): string => new Date(createdMs + secondsLater * 1000).toISOString();
    const kind: RunKind = random() < 0.9 ? 'generation' : pick(['comparison', 'export']);
    const modelId = pick(models);
    const seed = Math.floor(random() * 2 ** 32);
    const images = kind === 'generation' ? 1 + Math.floor(random() * 8) : 0;
    const id = `${iso(0).replace(/[-:]/g, '').slice(0, 15).replace('T', '-')}-${at.toString(16).padStart(6, '0')}`;
    const steps = pick([10, 20, 50, 250]);
    const guidance = pick([1, 1.5, 2, 4]);
    log.runs.create(
      {
        id,
        kind,
        state: 'running',
        title: `${images} images · ${modelId} · seed ${seed}`,
        modelId,
        seed,
        provider: pick(['cpu', 'webgpu']),
        progress: { done: 0, total: images, secondsLeft: null, phase: 'Waiting' },
        parentRunId: null,
        parameters: {
          modelId,
          count: images,
          seed,
          classId: null,
          guidance,
          sampler: pick(samplers),
          steps,
          provider: 'cpu',
          source: null,
        },
        versions: { verisim: '0.1.0', node: '24.21.0', 'onnxruntime-node': '1.30.0', model: '0.2.0' },
        inputs: [
          { name: 'denoiser.onnx', sha256: hash(), path: `/opt/verisim/models/${modelId}/denoiser.onnx` },
          { name: 'decoder.onnx', sha256: hash(), path: `/opt/verisim/models/${modelId}/decoder.onnx` },
        ],
        result: null,
        owner: null,
        delivery: null,
      },
      iso(0),
    );
    for (let index = 0; index < images; index++) {
      const path = `/home/reader/.local/share/verisim/runs/${id}/${String(index).padStart(4, '0')}.png`;
      log.runs.addOutput(id, {
        index,
        path,
        sha256: hash(),
        seed: seed + index,
        format: 'png',
        spacingMm: [1, 1],
        source: null,
      });
    }
    const failed = random() < 0.03;
    const state: RunState = failed ? 'failed' : random() < 0.02 ? 'cancelled' : 'done';
    const seconds = 1 + random() * 200;
    log.runs.change(id, {
      state,
      startedAt: iso(1),
      finishedAt: iso(1 + seconds),
      progress: { done: images, total: images, secondsLeft: null, phase: 'Done' },
      timings: { load: 0.4, encode: 0, denoise: seconds * 0.8, decode: seconds * 0.1, write: 0.1, total: seconds },
      peakRssMb: 200 + random() * 300,
      ...(failed ? { error: { tag: 'InferenceFailed', message: 'The model gave values that are not finite.' } } : {}),
      ...(kind === 'comparison' ? { result: { metrics: { psnrDb: 20 + random() * 20, ssim: random() } } } : {}),
    });
    if (random() < 0.05) {
      log.runs.mark(id, {
        starred: random() < 0.5,
        note: `${pick(words)} ${pick(words)} for the second revision`,
        tags: [pick(words)],
      });
    }
  }
}
