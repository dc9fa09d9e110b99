import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExportFormat, GenerationRequest, RunDetail, RunOutput } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { type SyntheticSource, writeSyntheticDicom } from '../imaging/export/synthetic-dicom.ts';
import { writeSyntheticNifti } from '../imaging/export/synthetic-nifti.ts';
import { fourDigits } from '../log/data-folder.ts';
import type { StoredOutput } from '../log/run-files.ts';
import type { Delivery } from '../log/runs.ts';
import { decodeCanonical } from './canonical-png.ts';
import type { GenerationFacts } from './generation-facts.ts';
import { sha256Of } from './hash.ts';
import { readProvenance } from './provenance.ts';

interface ImageToDeliver {
  run: RunDetail;
  output: StoredOutput;
  format: ExportFormat;
}

/**
 * Writes one finished image of a generation in one format: `0000.png` with the bytes of the canonical PNG, `0000.dcm`, or
 * `0000.nii` with its side-car. All formats are made of the values of the canonical PNG, so it does not matter when they are
 * written. Throws OutputNotWritable, DiskFull, UnknownImage.
 */
export async function deliverImage(image: ImageToDeliver, folder: string): Promise<RunOutput[]> {
  const { output, format } = image;
  const files = contentOf(image, await readCanonical(output.path));
  const written: RunOutput[] = [];
  for (const { name, bytes } of files) {
    const file = path.join(folder, name);
    await writeFileAtomic(file, bytes);
    written.push({ index: output.index, path: file, sha256: sha256Of(bytes), seed: output.seed, format });
  }
  return written;
}

/** What `deliverImage` wrote for these outputs. A file that is not there (any more) is left out. */
export async function deliveredFiles(outputs: StoredOutput[], { folder, formats }: Delivery): Promise<RunOutput[]> {
  const found: RunOutput[] = [];
  for (const { index, seed } of outputs) {
    for (const format of formats) {
      for (const ending of endings[format]) {
        const file = path.join(folder, `${fourDigits(index)}.${ending}`);
        const bytes = await readFile(file).catch(() => null);
        if (bytes !== null) found.push({ index, path: file, sha256: sha256Of(bytes), seed, format });
      }
    }
  }
  return found;
}

const endings: Record<ExportFormat, readonly string[]> = { png: ['png'], dicom: ['dcm'], nifti: ['nii', 'json'] };

function contentOf({ run, output, format }: ImageToDeliver, png: Uint8Array): { name: string; bytes: Uint8Array }[] {
  const name = fourDigits(output.index);
  if (format === 'png') return [{ name: `${name}.png`, bytes: png }];
  const { model } = run.result as GenerationFacts;
  const { width, height, grey, rgb, text } = decodeCanonical(png, model.intensity);
  const provenance = { ...provenanceOf(output, text), application: `Verisim ${run.versions.verisim ?? ''}`.trim() };
  const image = {
    pixels: grey ?? rgb ?? new Float32Array(0),
    width,
    height,
    spacingMm: output.spacingMm ?? ([1, 1] as const),
    modality: model.modality,
    provenance,
  };
  if (format === 'dicom') {
    const source = output.source === null ? {} : { source: output.source as SyntheticSource };
    const place = { instanceNumber: output.index + 1, seriesKey: seriesKey(run) };
    const { storedMin: min, storedMax: max } = model.intensity;
    const bytes = writeSyntheticDicom({ ...image, ...place, ...source, storedRange: { min, max } });
    return [{ name: `${name}.dcm`, bytes }];
  }
  const { nifti, sidecar } = writeSyntheticNifti(image);
  return [
    { name: `${name}.nii`, bytes: nifti },
    { name: `${name}.json`, bytes: new TextEncoder().encode(sidecar) },
  ];
}

/** The images of one request belong to one series, whichever run made them. */
function seriesKey({ parameters, result }: RunDetail): string {
  const { modelId, seed, classId, guidance, sampler, steps, source } = parameters as unknown as GenerationRequest;
  const { weightsSha256 } = (result as GenerationFacts).model;
  return JSON.stringify({ modelId, seed, classId, guidance, sampler, steps, source, weightsSha256 });
}

function provenanceOf({ path: file }: StoredOutput, text: Record<string, string>) {
  const provenance = readProvenance(text);
  if (provenance !== null) return provenance;
  throw new VerisimError('UnknownImage', `The PNG ${file} does not say how it was made.`, { path: file });
}

async function readCanonical(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause: unknown) =>
    Promise.reject(
      new VerisimError('UnknownImage', `The image ${file} of the run is gone. Retry or run the generation again.`, {
        path: file,
        cause,
      }),
    ),
  );
}
