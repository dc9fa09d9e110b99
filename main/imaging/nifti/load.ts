import { basename, dirname, extname, join } from 'node:path';
import { access, stat } from 'node:fs/promises';
import type { SeriesSummary, Volume, VoiWindow } from '../../../preload/domain.ts';
import { shortHash } from '../dicom/short-hash.ts';
import type { ImagingOptions, IndexedSeries } from '../indexed-series.ts';
import { placesOf } from '../slice-origins.ts';
import { voxelRange } from '../statistics.ts';
import { invalid, niftiHeaderBytes, parseNiftiHeader } from './header.ts';
import type { NiftiHeader } from './header.ts';
import { readInflated, readInflatedHead, readStart } from './read.ts';
import { readSidecar } from './sidecar.ts';
import { readNiftiVoxels, voxelBytes } from './voxels.ts';

/** One NIfTI file (or .hdr/.img pair) is one series; its id hashes the path and the header. Throws NiftiInvalid. */
export async function indexNifti(path: string): Promise<IndexedSeries> {
  const head = await readInflatedHead(path, niftiHeaderBytes);
  const header = parseNiftiHeader(head, path);
  const imagePath = await voxelFile(path, header);
  const { size, mtimeMs } = await stat(imagePath);
  await checkSize(imagePath, header, size);
  const synthetic = (await readSidecar(path))?.synthetic ?? false;
  const [columns, rows, slices, frames] = header.dimensions;
  const name = basename(path)
    .replace(/\.gz$/i, '')
    .replace(/\.(nii|hdr|img)$/i, '');
  const summary: SeriesSummary = {
    id: shortHash(`${path}|${Buffer.from(head).toString('latin1')}`),
    format: 'nifti',
    modality: 'OT',
    description: name,
    patientName: '',
    patientId: '',
    studyId: shortHash(dirname(path)),
    studyDescription: basename(dirname(path)),
    studyDate: '',
    seriesNumber: null,
    columns,
    rows,
    slices,
    frames,
    spacingMm: header.spacingMm,
    originLps: header.originLps,
    directionLps: header.directionLps,
    ...placesOf(header),
    unit: '',
    transferSyntax: header.isAnalyze ? 'ANALYZE-7.5' : `NIFTI-${header.version}`,
    synthetic,
    fileCount: header.isPair ? 2 : 1,
    warnings: header.warnings,
  };
  return { summary, files: [{ path, frameCount: slices * frames, modifiedMs: mtimeMs, size }] };
}

/** Voxels in file order, affine in LPS. Throws NiftiInvalid, UnsupportedPixelData, TooLarge, FileNotReadable. */
export async function loadNiftiVolume(series: IndexedSeries, options: ImagingOptions = {}): Promise<Volume> {
  const path = series.files[0]?.path ?? '';
  const head = await readInflatedHead(path, niftiHeaderBytes);
  const header = parseNiftiHeader(head, path);
  options.onProgress?.({ done: 0, total: 1, phase: 'Reading the file' });
  const bytes = await readInflated(await voxelFile(path, header), {
    signal: options.signal,
    limit: neededBytes(header),
  });
  options.signal?.throwIfAborted();
  const { voxels, scalarType, samplesPerVoxel } = readNiftiVoxels(bytes, header, path);
  options.onProgress?.({ done: 1, total: 1, phase: 'Reading the file' });
  const [columns, rows, slices, frames] = header.dimensions;
  return {
    id: series.summary.id,
    dimensions: [columns, rows, slices * frames],
    spacingMm: header.spacingMm,
    originLps: header.originLps,
    directionLps: header.directionLps,
    ...placesOf(header),
    scalarType,
    samplesPerVoxel,
    range: voxelRange(voxels),
    windows: displayWindow(header),
    modality: series.summary.modality,
    unit: '',
    inverted: false,
    frameOfReferenceUid: '',
    synthetic: series.summary.synthetic,
    warnings: series.summary.warnings,
    voxels,
  };
}

/** cal_min and cal_max, where they say something. */
function displayWindow({ displayMin, displayMax }: NiftiHeader): VoiWindow[] {
  if (!(displayMax > displayMin)) return [];
  return [{ centre: (displayMin + displayMax) / 2, width: displayMax - displayMin }];
}

/** The .img (or .img.gz) beside a .hdr, whatever the case of its ending. */
async function voxelFile(path: string, header: NiftiHeader): Promise<string> {
  if (!header.isPair) return path;
  const bare = path.replace(/\.gz$/i, '');
  const stem = join(dirname(bare), basename(bare, extname(bare)));
  for (const ending of ['.img', '.img.gz', '.IMG', '.IMG.gz']) {
    const found = await access(stem + ending).then(
      () => true,
      () => false,
    );
    if (found) return stem + ending;
  }
  throw invalid(path, `"${basename(stem)}.img" beside it`, 'no such file');
}

/** An uncompressed file that is too short is told at once; a compressed one when it is read. */
async function checkSize(path: string, header: NiftiHeader, size: number): Promise<void> {
  const head = await readStart(path, 2);
  const isCompressed = head[0] === 0x1f && head[1] === 0x8b;
  const needed = neededBytes(header);
  if (!isCompressed && size < needed) throw invalid(path, `${needed} bytes`, `${size}: the file is cut off`);
}

/** Of the file that holds the voxels, from its beginning. */
function neededBytes({ dimensions, voxelOffset, bitsPerVoxel, datatype }: NiftiHeader): number {
  const [columns, rows, slices, frames] = dimensions;
  return voxelOffset + Math.ceil(columns * rows * slices * frames * (voxelBytes(datatype) ?? bitsPerVoxel / 8));
}
