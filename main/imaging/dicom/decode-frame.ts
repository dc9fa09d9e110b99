import type { DataSet } from 'dicom-parser';
import { VerisimError } from '../../../preload/errors.ts';
import { decompress } from './codecs.ts';
import { applyPalette, expand422, readPalette, toRgb } from './colour.ts';
import type { FrameHeader } from './frames.ts';
import type { PixelFormat } from './header.ts';
import type { ModalityTable } from './modality-table.ts';
import { isEncapsulatedSyntax } from './read-head.ts';
import { readStoredValues } from './stored-values.ts';
import type { StoredValues } from './stored-values.ts';
import { transferSyntaxes } from './uids.ts';

/** Values of one frame, which `slope` and `intercept` turn into what they measure. */
export interface DecodedValues {
  values: StoredValues;
  slope: number;
  intercept: number;
}

/**
 * Coded bytes of one frame → values (columns × rows) with their rescale (PS3.3 C.11.1.1.2), or RGB interleaved for colour. A
 * modality table takes the place of the rescale where there is one.
 */
export function decodeFrame(
  coded: Uint8Array,
  source: {
    header: { path: string; format: PixelFormat };
    frame: FrameHeader;
    dataSet: DataSet;
    table: ModalityTable | null;
  },
): DecodedValues {
  const { header, frame, dataSet, table } = source;
  const { path } = header;
  const isCompressed = isEncapsulatedSyntax(header.format.transferSyntaxUid);
  const { bytes, format } = isCompressed
    ? decompress(coded, header.format, path)
    : { bytes: coded, format: header.format };
  if (format.samplesPerPixel === 3) {
    const isNative = !isCompressed || format.transferSyntaxUid === transferSyntaxes.encapsulatedUncompressed;
    if (isNative && format.photometric.endsWith('_422')) {
      const whole = expand422(bytes, format.rows * format.columns);
      const photometric = format.photometric === 'YBR_FULL_422' ? 'YBR_FULL' : format.photometric;
      return plain(toRgb(whole, { ...format, photometric, planar: false }));
    }
    return plain(toRgb(readStoredValues(bytes, format, path), format));
  }
  if (format.samplesPerPixel !== 1) throw unsupported(path, `${format.samplesPerPixel} samples for a pixel`);
  const stored = readStoredValues(bytes, format, path);
  if (format.photometric === 'PALETTE COLOR') {
    const palette = readPalette(dataSet, format.signed);
    if (palette === null) throw unsupported(path, 'a palette that is missing or segmented');
    return plain(applyPalette(stored, palette));
  }
  if (table !== null) return plain(throughTable(stored, table));
  return { values: stored, slope: frame.rescaleSlope, intercept: frame.rescaleIntercept };
}

function plain(values: StoredValues): DecodedValues {
  return { values, slope: 1, intercept: 0 };
}

function throughTable(stored: StoredValues, { first, entries }: ModalityTable): StoredValues {
  return Uint16Array.from(stored, (value) => entries[Math.min(Math.max(value - first, 0), entries.length - 1)] ?? 0);
}

function unsupported(path: string, found: string): VerisimError {
  return new VerisimError('UnsupportedPixelData', `"${path}" holds pixels that Verisim does not read: ${found}.`, {
    path,
    expected: 'grey, RGB, YBR or palette pixels',
    found,
  });
}
