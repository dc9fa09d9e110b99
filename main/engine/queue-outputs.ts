import { readFile } from 'node:fs/promises';
import type { GenerationRequest, RunDetail } from '../../preload/domain.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import type { DataFolder } from '../log/data-folder.ts';
import type { Log } from '../log/log.ts';
import type { IndexedSeries } from '../imaging/indexed-series.ts';
import type { StoredOutput } from '../log/run-files.ts';
import { encodeCanonical, encodePreview } from './canonical-png.ts';
import type { GeneratedImage } from './generate.ts';
import type { ModelPack } from './packs.ts';
import { weightsSha256 } from './packs.ts';
import { sha256Of } from './hash.ts';
import { deliverImage } from './queue-delivery.ts';
import type { QueueDependencies } from './queue-run.ts';
import type { RunSource } from './queue-source.ts';
import { generationText, type Provenance } from './provenance.ts';

/** The images to make: all that have no row, and those whose file is gone or not what was written. */
export async function missingOutputs(run: RunDetail, log: Log<IndexedSeries>, folder: DataFolder): Promise<number[]> {
  const { count } = run.parameters as unknown as GenerationRequest;
  const missing = new Set(Array.from({ length: count }, (_, index) => index));
  for (const { index, sha256 } of run.outputs) {
    const bytes = await readFile(folder.runOutput(run.id, index)).catch(() => null);
    if (bytes !== null && sha256Of(bytes) === sha256) missing.delete(index);
    else log.runs.removeOutput(run.id, index);
  }
  return [...missing];
}

/** Writes the files of one image; its row comes after, so that what the log lists is whole. Throws OutputNotWritable, DiskFull. */
export async function writeOutput(options: {
  run: RunDetail;
  request: GenerationRequest;
  pack: ModelPack;
  image: GeneratedImage;
  source: RunSource | null;
  dependencies: QueueDependencies;
}): Promise<StoredOutput> {
  const { run, request, pack, image, source, dependencies } = options;
  const { folder, log } = dependencies;
  const { manifest } = pack;
  const { index, seed } = image;
  const inputBytes = image.input === null ? null : encodeCanonical(image.input, manifest, {});
  if (inputBytes !== null) await writeFileAtomic(folder.runInput(run.id, index), inputBytes);
  const provenance: Provenance = {
    modelId: manifest.id,
    modelVersion: manifest.version,
    modelSha256: weightsSha256(pack),
    sampler: request.sampler,
    steps: request.steps,
    guidance: request.guidance,
    classId: request.classId,
    seed,
    strength: request.source?.strength ?? null,
    sourceSha256: inputBytes === null ? null : sha256Of(inputBytes),
    ...(request.inpaint === undefined ? {} : { inpaint: request.inpaint }),
  };
  const bytes = encodeCanonical(image.pixels, manifest, generationText(provenance));
  const path = folder.runOutput(run.id, index);
  await writeFileAtomic(folder.runPreview(run.id, index), encodePreview(image.pixels, manifest));
  await writeFileAtomic(path, bytes);
  const delivery = log.runs.delivery(run.id);
  const spacingMm = source?.spacingMm(index) ?? null;
  const origin = (await source?.origin(index)) ?? null;
  const output = { index, path, sha256: sha256Of(bytes), seed, format: 'png' as const, spacingMm, source: origin };
  for (const format of delivery?.formats ?? []) await deliverImage({ run, output, format }, delivery?.folder ?? '');
  return output;
}
