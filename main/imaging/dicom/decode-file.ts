import { VerisimError } from '../../../preload/errors.ts';
import { assertReadable, prepareCodecs } from './codecs.ts';
import { decodeFrame } from './decode-frame.ts';
import type { DecodedValues } from './decode-frame.ts';
import { frameReader } from './frame-bytes.ts';
import type { FrameHeader } from './frames.ts';
import { headerOf } from './header.ts';
import type { DicomHeader, PixelFormat } from './header.ts';
import { readModalityTable } from './modality-table.ts';
import { cutTile } from './mosaic.ts';
import type { Mosaic } from './mosaic.ts';
import { parseWhole } from './read-head.ts';
import type { ParsedDataSet } from './data-set.ts';

/** A frame that is wanted; `frame` is its header where the arrangement has changed it (as SUV does), else the file's own. */
export interface WantedFrame {
  frameIndex: number;
  frame: FrameHeader | null;
}

/** What all frames of one volume have in common. */
export type FrameShape = Pick<PixelFormat, 'rows' | 'columns'>;

/**
 * Values of chosen frames of one file, one by one, with the rescale to apply. Throws DicomInvalid, also for a file whose frames do
 * not have the expected size any more; UnsupportedTransferSyntax, UnsupportedPixelData.
 */
export async function decodeFile(
  bytes: Uint8Array,
  path: string,
  { wanted, shape }: { wanted: readonly WantedFrame[]; shape: FrameShape },
): Promise<Iterable<DecodedValues>> {
  const parsed = parseWhole(bytes, path);
  const header = headerOf(parsed, { path, size: bytes.length, modifiedMs: 0 });
  assertReadable(header.format, path);
  assertShape(header, shape);
  await prepareCodecs(header.format.transferSyntaxUid);
  return decodeFrames(parsed, header, wanted);
}

function* decodeFrames(
  parsed: ParsedDataSet,
  header: DicomHeader,
  wanted: readonly WantedFrame[],
): Generator<DecodedValues> {
  const { path, mosaic } = header;
  const format = mosaic === null ? header.format : layoutFormat(header.format, mosaic);
  const read = frameReader(parsed, format, path);
  const table = readModalityTable(parsed.dataSet, format.signed);
  const decode = ({ frameIndex, frame: changed }: WantedFrame) => {
    const frame = changed ?? header.frames[frameIndex];
    if (frame === undefined) throw changedFile(path, `frame ${frameIndex}`, `${header.frames.length} frames`);
    const coded = read(mosaic === null ? frameIndex : 0);
    return decodeFrame(coded, { header: { path, format }, frame, dataSet: parsed.dataSet, table });
  };
  const [first] = wanted;
  const layout = mosaic === null || first === undefined ? null : decode(first);
  for (const one of wanted) {
    if (mosaic === null || layout === null) yield decode(one);
    else yield { ...layout, values: cutTile(layout.values, mosaic, one.frameIndex) };
  }
}

function assertShape({ path, format }: DicomHeader, shape: FrameShape): void {
  if (format.rows === shape.rows && format.columns === shape.columns) return;
  throw changedFile(path, `${shape.columns} × ${shape.rows} pixels`, `${format.columns} × ${format.rows} pixels`);
}

function layoutFormat(tile: PixelFormat, mosaic: Mosaic): PixelFormat {
  return { ...tile, rows: mosaic.tileRows * mosaic.tilesAcross, columns: mosaic.tileColumns * mosaic.tilesAcross };
}

function changedFile(path: string, expected: string, found: string): VerisimError {
  return new VerisimError(
    'DicomInvalid',
    `"${path}" has changed since it was opened: it should hold ${expected} and holds ${found}. Open its folder again.`,
    { path, expected, found },
  );
}
