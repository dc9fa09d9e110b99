import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ExportFormat, Volume } from '../../../preload/domain.ts';
import type { DeidentifyOptions } from '../../../preload/deidentify.ts';
import { writeFileAtomic } from '../atomic-write.ts';
import type { Pseudonyms } from '../deidentify/pseudonyms.ts';
import { DeidentificationTally } from '../deidentify/report.ts';
import { readHeader } from '../dicom/header.ts';
import { deidentifyFile } from '../deidentify/rewrite.ts';
import { pixelRisks } from '../deidentify/risks.ts';
import type { ImagingOptions, IndexedSeries } from '../indexed-series.ts';
import { encodePng16, encodePng8 } from '../png.ts';
import { extractSlice } from '../slice.ts';
import { copyOfDicom } from './copy-dicom.ts';
import { writeNifti } from './nifti-writer.ts';
import { writeMultiFrame } from './multi-frame.ts';
import { readWholeFile } from '../read-file.ts';
import { deidentifiedIdentity, keptIdentity, niftiIdentity } from './series-identity.ts';
import type { SeriesIdentity } from './series-identity.ts';
import { sidecarText } from './synthetic-nifti.ts';
import { writeVolumeDicom } from './volume-dicom.ts';

export interface ExportOptions extends ImagingOptions {
  format: ExportFormat;
  folder: string;
  /** Takes out what tells who the patient is; what may stay is chosen, and the key makes the stand-ins. Null leaves everything. */
  deidentify: { options: DeidentifyOptions; pseudonyms: Pseudonyms } | null;
  /** One DICOM object with all slices instead of one for each. */
  multiFrame?: boolean | undefined;
}

interface OutputFile {
  name: string;
  bytes: Uint8Array | string;
}

/**
 * Writes a series into a folder of its own below `folder`, `series-<id>`, and returns the paths. DICOM → DICOM copies the files, or
 * takes them through PS3.15 element by element with a report; other slices are written anew with their geometry. NIfTI: one .nii.gz with a
 * JSON side-car. PNG: 16-bit slices (8-bit RGB for colour) in display convention. Synthetic series stay marked. Names,
 * dates and free text go along only in unaltered DICOM copies. Throws OutputNotWritable, DiskFull, FileNotReadable.
 */
export async function exportSeries(series: IndexedSeries, volume: Volume, options: ExportOptions): Promise<string[]> {
  const folder = join(options.folder, `series-${series.summary.id}`);
  const isFileByFile = await goesFileByFile(series, options);
  const total = fileCount({ series, volume, isFileByFile }, options);
  const paths: string[] = [];
  const pending = new Set<Promise<void>>();
  let done = 0;
  const write = async (path: string, bytes: Uint8Array | string): Promise<void> => {
    await writeFileAtomic(path, bytes);
    options.onProgress?.({ done: ++done, total, phase: 'Writing' });
  };
  try {
    for await (const { name, bytes } of outputFiles({ series, volume, isFileByFile }, options)) {
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

interface Source {
  series: IndexedSeries;
  volume: Volume;
  isFileByFile: boolean;
}

function fileCount({ series, volume, isFileByFile }: Source, options: ExportOptions): number {
  const { format, deidentify } = options;
  if (format === 'nifti') return 2;
  if (format === 'dicom' && options.multiFrame === true) return 1;
  if (format !== 'dicom' || !isFileByFile) return volume.dimensions[2];
  return series.files.length + (deidentify === null ? 0 : 1);
}

/** A mosaic keeps its layout in private elements, which do not survive de-identification: its slices are written anew. */
async function goesFileByFile({ summary, files }: IndexedSeries, { deidentify }: ExportOptions): Promise<boolean> {
  if (summary.format !== 'dicom') return false;
  return deidentify === null || (await readHeader(files[0]?.path ?? '')).mosaic === null;
}

async function* outputFiles(source: Source, options: ExportOptions): AsyncGenerator<OutputFile> {
  const { series, volume } = source;
  const { slices } = series.summary;
  if (options.format === 'nifti') yield* niftiFiles(series, volume);
  else if (options.format === 'png') yield* pngFiles(volume);
  else if (options.multiFrame === true) {
    yield { name: 'multi-frame.dcm', bytes: writeMultiFrame(volume, await identityOf(series, options), slices) };
  } else if (source.isFileByFile) {
    yield* options.deidentify === null ? copies(series, options) : deidentified(series, options.deidentify, options);
  } else {
    let index = 0;
    const identity = options.deidentify === null ? niftiIdentity(series) : await identityOf(series, options);
    for (const bytes of writeVolumeDicom(volume, identity, slices)) yield { name: numbered(index++, 'dcm'), bytes };
  }
}

function identityOf(series: IndexedSeries, { deidentify }: ExportOptions): Promise<SeriesIdentity> {
  return deidentify === null ? keptIdentity(series) : deidentifiedIdentity(series, deidentify.pseudonyms);
}

async function* copies({ files }: IndexedSeries, { signal }: ExportOptions): AsyncGenerator<OutputFile> {
  for (const [index, { path }] of files.entries()) {
    yield { name: numbered(index, 'dcm'), bytes: await copyOfDicom(path, signal) };
  }
}

async function* deidentified(
  series: IndexedSeries,
  how: NonNullable<ExportOptions['deidentify']>,
  { signal }: ExportOptions,
): AsyncGenerator<OutputFile> {
  const tally = new DeidentificationTally();
  for (const [index, { path }] of series.files.entries()) {
    const { bytes, done } = deidentifyFile(await readWholeFile(path, signal), path, how);
    tally.add(done);
    yield { name: numbered(index, 'dcm'), bytes };
  }
  yield { name: 'deidentification-report.json', bytes: tally.report(how.options, await pixelRisks(series)) };
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
