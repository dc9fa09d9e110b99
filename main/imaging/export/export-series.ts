import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ExportFormat, Volume } from '../../../preload/domain.ts';
import { writeFileAtomic } from '../atomic-write.ts';
import type { ImagingOptions, IndexedSeries } from '../indexed-series.ts';
import { encodePng16, encodePng8 } from '../png.ts';
import { extractSlice } from '../slice.ts';
import { copyOfDicom } from './copy-dicom.ts';
import { writeNifti } from './nifti-writer.ts';
import { writeMultiFrame } from './multi-frame.ts';
import { deidentifiedIdentity, keptIdentity, niftiIdentity } from './series-identity.ts';
import { sidecarText } from './synthetic-nifti.ts';
import { writeVolumeDicom } from './volume-dicom.ts';

export interface ExportOptions extends ImagingOptions {
  format: ExportFormat;
  folder: string;
  deidentify: boolean;
  /** One DICOM object with all slices instead of one for each. */
  multiFrame?: boolean | undefined;
}

interface OutputFile {
  name: string;
  bytes: Uint8Array | string;
}

/**
 * Writes a series into a folder of its own below `folder`, `series-<id>`, and returns the paths. DICOM → DICOM without
 * de-identification copies the files; otherwise slices are written anew with their geometry. NIfTI: one .nii.gz with a
 * JSON side-car. PNG: 16-bit slices (8-bit RGB for colour) in display convention. Synthetic series stay marked. Names,
 * dates and free text go along only in unaltered DICOM copies. Throws OutputNotWritable, DiskFull, FileNotReadable.
 */
export async function exportSeries(series: IndexedSeries, volume: Volume, options: ExportOptions): Promise<string[]> {
  const folder = join(options.folder, `series-${series.summary.id}`);
  const total = fileCount(series, volume, options);
  const paths: string[] = [];
  const pending = new Set<Promise<void>>();
  let done = 0;
  const write = async (path: string, bytes: Uint8Array | string): Promise<void> => {
    await writeFileAtomic(path, bytes);
    options.onProgress?.({ done: ++done, total, phase: 'Writing' });
  };
  try {
    for await (const { name, bytes } of outputFiles(series, volume, options)) {
      options.signal?.throwIfAborted();
      const path = join(folder, name);
      paths.push(path);
      const writing: Promise<void> = write(path, bytes).finally(() => pending.delete(writing));
      pending.add(writing);
      if (pending.size >= filesAtOnce) await Promise.race(pending);
    }
    await Promise.all(pending);
  } finally {
    await Promise.allSettled(pending);
  }
  return paths;
}

/** Each write waits for the disk twice; a few at once keep it busy, and few enough stay in memory. */
const filesAtOnce = 8;

function fileCount(series: IndexedSeries, volume: Volume, options: ExportOptions): number {
  const { format, deidentify } = options;
  if (format === 'nifti') return 2;
  if (format === 'dicom' && options.multiFrame === true) return 1;
  return format === 'dicom' && isCopied(series, deidentify) ? series.files.length : volume.dimensions[2];
}

function isCopied(series: IndexedSeries, deidentify: boolean): boolean {
  return series.summary.format === 'dicom' && !deidentify;
}

async function* outputFiles(series: IndexedSeries, volume: Volume, options: ExportOptions): AsyncGenerator<OutputFile> {
  if (options.format === 'nifti') yield* niftiFiles(series, volume);
  else if (options.format === 'png') yield* pngFiles(volume);
  else if (options.multiFrame === true) {
    const identity = options.deidentify ? await deidentifiedIdentity(series) : await keptIdentity(series);
    yield { name: 'multi-frame.dcm', bytes: writeMultiFrame(volume, identity, series.summary.slices) };
  } else if (isCopied(series, options.deidentify)) {
    for (const [index, { path }] of series.files.entries()) {
      yield { name: numbered(index, 'dcm'), bytes: await copyOfDicom(path, options.signal) };
    }
  } else {
    const identity = options.deidentify ? await deidentifiedIdentity(series) : niftiIdentity(series);
    let index = 0;
    for (const bytes of writeVolumeDicom(volume, identity, series.summary.slices)) {
      yield { name: numbered(index++, 'dcm'), bytes };
    }
  }
}

function* niftiFiles({ summary }: IndexedSeries, volume: Volume): Generator<OutputFile> {
  const bytes = gzipSync(
    writeNifti({
      ...volume,
      columns: summary.columns,
      rows: summary.rows,
      slices: summary.slices,
      frames: summary.frames,
      description: volume.synthetic ? 'Verisim, synthetic' : 'Verisim',
    }),
  );
  const nifti = new Uint8Array(bytes);
  // The operating-system byte of gzip would differ between platforms; 255 is "unknown" (RFC 1952).
  nifti[9] = 255;
  const name = `${summary.id}`;
  yield { name: `${name}.nii.gz`, bytes: nifti };
  const facts = { modality: volume.modality, synthetic: volume.synthetic, provenance: null };
  yield { name: `${name}.json`, bytes: sidecarText(nifti, facts) };
}

/** Grey values are spread linearly from the volume's minimum to its maximum; the text says the two. */
function* pngFiles(volume: Volume): Generator<OutputFile> {
  const { min, max } = volume.range;
  const scale = 65535 / Math.max(max - min, Number.MIN_VALUE);
  const text: Record<string, string> = { Software: 'Verisim', 'Verisim:storedRange': JSON.stringify([min, max]) };
  if (volume.synthetic) text.Description = 'Synthetic image; not of a patient.';
  for (let k = 0; k < volume.dimensions[2]; k++) {
    const name = numbered(k, 'png');
    if (volume.samplesPerVoxel === 3) {
      const [width, height] = volume.dimensions;
      const values = Uint8Array.from(volume.voxels.subarray(k * width * height * 3, (k + 1) * width * height * 3));
      yield { name, bytes: encodePng8({ width, height, channels: 3, values, text }) };
    } else {
      const { width, height, pixels } = extractSlice(volume, k);
      const values = Uint16Array.from(pixels, (value) => Math.round((value - min) * scale));
      yield { name, bytes: encodePng16({ width, height, values, text }) };
    }
  }
}

function numbered(index: number, ending: string): string {
  return `${String(index).padStart(4, '0')}.${ending}`;
}
