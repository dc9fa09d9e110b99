import type { Vector3 } from '../../../preload/domain.ts';
import { dimensionsOf, geometryOf, invalidRaw } from './raw-header.ts';
import type { RawHeader, RawType } from './raw-header.ts';

const types: Record<string, RawType> = {
  MET_CHAR: 'int8',
  MET_UCHAR: 'uint8',
  MET_SHORT: 'int16',
  MET_USHORT: 'uint16',
  MET_INT: 'int32',
  MET_UINT: 'uint32',
  MET_LONG: 'int32',
  MET_ULONG: 'uint32',
  MET_LONG_LONG: 'int64',
  MET_ULONG_LONG: 'uint64',
  MET_FLOAT: 'float32',
  MET_DOUBLE: 'float64',
};

/**
 * The header of a MetaImage (.mha, or .mhd with its .raw or .zraw): coordinates are LPS, row i of TransformMatrix is the
 * direction of axis i, compressed voxels are a zlib stream (ITK, MetaIO). Throws VolumeInvalid.
 */
export function parseMetaImage(bytes: Uint8Array, path: string): RawHeader {
  const text = Buffer.from(bytes.subarray(0, 64 * 1024)).toString('latin1');
  const last = /^[ \t]*ElementDataFile[ \t]*=[ \t]*([^\r\n]*)\r?\n?/m.exec(text);
  if (last === null) throw invalidRaw(path, 'ElementDataFile at the end of the header', 'none');
  const fields = text
    .slice(0, last.index + last[0].length)
    .split(/\r?\n/)
    .flatMap((line) => {
      const match = /^\s*(\w+)\s*=\s*(.*)$/.exec(line);
      return match?.[1] === undefined ? [] : [{ name: match[1], value: (match[2] ?? '').trim() }];
    });
  const field = (...names: string[]) => fields.find(({ name }) => names.includes(name))?.value ?? null;
  const numbers = (...names: string[]) => (field(...names) ?? '').split(/\s+/).filter(Boolean).map(Number);
  const yes = (...names: string[]) => /^(true|1|yes)$/i.test(field(...names) ?? '');
  const name = field('ElementType') ?? '';
  const type = types[name.replace(/_ARRAY$/, '')];
  if (type === undefined) throw invalidRaw(path, 'a number type', name || 'none');
  const rank = Number(field('NDims') ?? NaN);
  const sizes = numbers('DimSize');
  if (sizes.length !== rank || rank < 1 || rank > 8) throw invalidRaw(path, `${rank} extents`, `${sizes.length}`);
  const dataFile = (last[1] ?? '').trim();
  if (/^LIST|%/.test(dataFile) || yes('BinaryData') === false) {
    throw invalidRaw(path, 'binary voxels in one file', dataFile);
  }
  const isLocal = /^local$/i.test(dataFile);
  const spacing = numbers('ElementSpacing', 'ElementSize');
  const matrix = numbers('TransformMatrix', 'Rotation', 'Orientation');
  const origin = numbers('Offset', 'Position', 'Origin');
  const axis = (i: number): Vector3 => {
    const step = Math.abs(spacing[i] ?? 1) || 1;
    const row = [0, 1, 2].map((j) => (i < rank && j < rank ? matrix[i * rank + j] : undefined) ?? (i === j ? 1 : 0));
    return [(row[0] ?? 0) * step, (row[1] ?? 0) * step, (row[2] ?? 0) * step];
  };
  const dimensions = dimensionsOf(sizes, path);
  const originLps: Vector3 = [origin[0] ?? 0, origin[1] ?? 0, origin[2] ?? 0];
  const geometry = geometryOf([axis(0), axis(1), axis(2)], { originLps, dimensions });
  if (geometry === null) throw invalidRaw(path, 'axes with a length', matrix.join(' '));
  const components = Number(field('ElementNumberOfChannels') ?? 1) || 1;
  const headerSize = Number(field('HeaderSize') ?? 0);
  return {
    format: 'metaimage',
    version: 'METAIMAGE',
    fields,
    dimensions,
    components,
    isColour: type === 'uint8' && (components === 3 || components === 4),
    type,
    littleEndian: !yes('BinaryDataByteOrderMSB', 'ElementByteOrderMSB'),
    encoding: yes('CompressedData') ? 'gzip' : 'raw',
    dataFile: isLocal ? null : dataFile,
    offset: headerSize < 0 ? -1 : headerSize + (isLocal ? last.index + last[0].length : 0),
    ...geometry,
  };
}
