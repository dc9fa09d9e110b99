import type { Vector3 } from '../../../preload/domain.ts';
import { dimensionsOf, geometryOf, invalidRaw } from './raw-header.ts';
import type { RawHeader, RawType } from './raw-header.ts';

const types: Record<string, RawType> = Object.fromEntries(
  (
    [
      ['int8', 'signed char,int8,int8_t'],
      ['uint8', 'uchar,unsigned char,uint8,uint8_t'],
      ['int16', 'short,short int,signed short,signed short int,int16,int16_t'],
      ['uint16', 'ushort,unsigned short,unsigned short int,uint16,uint16_t'],
      ['int32', 'int,signed int,int32,int32_t'],
      ['uint32', 'uint,unsigned int,uint32,uint32_t'],
      ['int64', 'longlong,long long,long long int,signed long long,signed long long int,int64,int64_t'],
      ['uint64', 'ulonglong,unsigned long long,unsigned long long int,uint64,uint64_t'],
      ['float32', 'float'],
      ['float64', 'double'],
    ] as const
  ).flatMap(([type, names]) => names.split(',').map((name) => [name, type])),
);

/** Sense of x and y of the space against LPS; spaces without anatomy count as LPS, with a warning. */
const spaces: Record<string, readonly [number, number]> = {
  'left-posterior-superior': [1, 1],
  lps: [1, 1],
  'right-anterior-superior': [-1, -1],
  ras: [-1, -1],
  'left-anterior-superior': [1, -1],
  las: [1, -1],
  'left-posterior-superior-time': [1, 1],
  lpst: [1, 1],
  'right-anterior-superior-time': [-1, -1],
  rast: [-1, -1],
  'left-anterior-superior-time': [1, -1],
  last: [1, -1],
};
const encodings: Record<string, RawHeader['encoding']> = {
  raw: 'raw',
  gzip: 'gzip',
  gz: 'gzip',
  txt: 'text',
  text: 'text',
  ascii: 'text',
};

/**
 * The header of an NRRD file (versions 1 to 5, teem.sourceforge.net/nrrd/format.html): attached or detached data in one file,
 * raw, gzip or text. Colour and vector axes may come first, time last. Throws VolumeInvalid.
 */
export function parseNrrd(bytes: Uint8Array, path: string): RawHeader {
  const { lines, end } = readLines(bytes, path);
  const fields = lines.slice(1).flatMap((line) => {
    const match = /^([^:#]+): ?(.*)$/.exec(line) ?? /^([^:#]+):=(.*)$/.exec(line);
    return match?.[1] === undefined ? [] : [{ name: match[1].trim(), value: (match[2] ?? '').trim() }];
  });
  const field = (...names: string[]) => fields.find(({ name }) => names.includes(name.toLowerCase()))?.value ?? null;
  const numbers = (text: string | null) => (text === null ? [] : text.split(/\s+/).filter(Boolean).map(Number));
  const type = types[(field('type') ?? '').toLowerCase()];
  if (type === undefined) throw invalidRaw(path, 'a number type', field('type') ?? 'none');
  const encoding = encodings[(field('encoding') ?? 'raw').toLowerCase()];
  if (encoding === undefined) throw invalidRaw(path, 'raw, gzip or text encoding', field('encoding') ?? '');
  const sizes = numbers(field('sizes'));
  const rank = Number(field('dimension') ?? NaN);
  if (sizes.length !== rank || rank > 8) throw invalidRaw(path, `${rank} sizes`, `${sizes.length}`);
  const axes = readAxes(field('space directions'), numbers(field('spacings')), rank, path);
  const space = (field('space') ?? '').toLowerCase();
  const sense = spaces[space];
  const [x, y] = sense ?? [1, 1];
  const turn = (v: Vector3): Vector3 => [x * v[0], y * v[1], v[2]];
  const kinds = (field('kinds') ?? '').split(/\s+/);
  const hasComponents = rank > 2 && axes.isSpatial[0] === false && (kinds[0] !== 'time' || rank > 3);
  const spatial = hasComponents ? sizes.slice(1) : sizes;
  const components = hasComponents ? (sizes[0] ?? 1) : 1;
  const [a, b, c] = axes.vectors;
  const i = turn(a ?? [1, 0, 0]);
  const j = turn(b ?? [0, 1, 0]);
  const dimensions = dimensionsOf(spatial, path);
  const originLps = turn(readVector(field('space origin') ?? '') ?? [0, 0, 0]);
  const geometry = geometryOf([i, j, c === undefined ? crossed(i, j) : turn(c)], { originLps, dimensions });
  if (geometry === null) throw invalidRaw(path, 'axes with a length', field('space directions') ?? 'none');
  const dataFile = field('data file', 'datafile');
  if (dataFile !== null && /^LIST|%/.test(dataFile)) throw invalidRaw(path, 'voxels in one file', dataFile);
  const skipped = Number(field('byte skip', 'byteskip') ?? 0);
  const lineSkip = Number(field('line skip', 'lineskip') ?? 0);
  if (lineSkip > 0) throw invalidRaw(path, 'no lines to skip before the voxels', `${lineSkip}`);
  return {
    format: 'nrrd',
    version: `NRRD-${Number(lines[0]?.slice(4)) || 1}`,
    fields,
    dimensions,
    components,
    isColour:
      type === 'uint8' && (components === 3 || components === 4) && !/^(vector|covariant)/i.test(kinds[0] ?? ''),
    type,
    littleEndian: (field('endian') ?? 'little').toLowerCase() !== 'big',
    encoding,
    dataFile,
    offset: skipped < 0 ? -1 : skipped + (dataFile === null ? end : 0),
    ...geometry,
    warnings: [
      ...geometry.warnings,
      ...(sense === undefined ? ['The header gives no orientation; left and right are not certain.'] : []),
    ],
  };
}

/** Lines up to the empty one, and where the bytes behind it begin. */
function readLines(bytes: Uint8Array, path: string): { lines: string[]; end: number } {
  const text = Buffer.from(bytes.subarray(0, 64 * 1024)).toString('latin1');
  const match = /\r?\n\r?\n/.exec(text);
  const head = match === null ? text : text.slice(0, match.index);
  if (!/^NRRD000\d/.test(head)) throw invalidRaw(path, 'NRRD0001 to NRRD0005', head.slice(0, 8));
  return { lines: head.split(/\r?\n/), end: match === null ? bytes.length : match.index + match[0].length };
}

function readAxes(
  directions: string | null,
  spacings: number[],
  rank: number,
  path: string,
): { vectors: Vector3[]; isSpatial: boolean[] } {
  if (directions === null) {
    const isSpatial = Array.from({ length: rank }, (_, i) => spacings.length === 0 || Number.isFinite(spacings[i]));
    const steps = spacings.filter(Number.isFinite);
    const unit = (axis: number): Vector3 => {
      const step = Math.abs(steps[axis] ?? 1) || 1;
      return [axis === 0 ? step : 0, axis === 1 ? step : 0, axis === 2 ? step : 0];
    };
    // A short first axis of a file that says nothing of its axes is colour.
    return { vectors: [unit(0), unit(1), unit(2)], isSpatial };
  }
  const parts = directions.match(/none|\([^)]*\)/g) ?? [];
  if (parts.length !== rank) throw invalidRaw(path, `${rank} space directions`, directions);
  const vectors = parts.map(readVector);
  const isSpatial = vectors.map((vector) => vector !== null);
  return { vectors: vectors.filter((vector) => vector !== null), isSpatial };
}

function readVector(text: string): Vector3 | null {
  const match = /^\(([^)]*)\)$/.exec(text.trim());
  const numbers = match?.[1]?.split(',').map(Number) ?? [];
  if (numbers.length < 2 || !numbers.every(Number.isFinite)) return null;
  return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];
}

function crossed(a: Vector3, b: Vector3): Vector3 {
  const normal: Vector3 = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const length = Math.hypot(...normal) || 1;
  return [normal[0] / length, normal[1] / length, normal[2] / length];
}
