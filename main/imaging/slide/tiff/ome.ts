/** What the OME-XML of a file says that reading its pixels needs (OME model 2016-06); the first Image only. */
export interface OmeImage {
  channels: { samples: number; rgb: readonly [number, number, number] | null }[];
  sizeZ: number;
  sizeT: number;
  order: string;
  micronsPerPixel: { x: number; y: number } | null;
  magnification: number | null;
}

const microns: Readonly<Record<string, number>> = { µm: 1, μm: 1, um: 1, nm: 1e-3, mm: 1e3, cm: 1e4, m: 1e6 };

/** Null where the text is no OME-XML. */
export function readOme(xml: string): OmeImage | null {
  const pixels = /<(?:\w+:)?Pixels\b[^>]*>/.exec(xml)?.[0];
  if (!/<(?:\w+:)?OME\b/.test(xml) || pixels === undefined) return null;
  const inside = /<(?:\w+:)?Pixels\b[\s\S]*?<\/(?:\w+:)?Pixels>/.exec(xml)?.[0] ?? '';
  const found = [...inside.matchAll(/<(?:\w+:)?Channel\b[^>]*>/g)].map(([element]) => ({
    samples: Number(attribute(element, 'SamplesPerPixel') ?? 1),
    rgb: colourOf(attribute(element, 'Color')),
  }));
  const sizeC = Number(attribute(pixels, 'SizeC') ?? 1);
  const channels = found.length > 0 ? found : Array.from({ length: sizeC }, () => ({ samples: 1, rgb: null }));
  const [x, y] = [lengthOf(pixels, 'PhysicalSizeX'), lengthOf(pixels, 'PhysicalSizeY')];
  const power = Number(/NominalMagnification="([\d.]+)"/.exec(xml)?.[1] ?? NaN);
  return {
    channels,
    sizeZ: Number(attribute(pixels, 'SizeZ') ?? 1),
    sizeT: Number(attribute(pixels, 'SizeT') ?? 1),
    order: attribute(pixels, 'DimensionOrder') ?? 'XYCZT',
    micronsPerPixel: x === null ? null : { x, y: y ?? x },
    magnification: Number.isFinite(power) ? power : null,
  };
}

/** Place of a plane in the chain of directories. */
export function planeIndex(
  { order, sizeZ, sizeT, channels }: OmeImage,
  at: { c: number; z: number; t: number },
): number {
  const sizes: Record<string, [number, number]> = {
    C: [at.c, channels.length],
    Z: [at.z, sizeZ],
    T: [at.t, sizeT],
  };
  let [index, stride] = [0, 1];
  for (const axis of order.slice(2)) {
    const [place, size] = sizes[axis] ?? [0, 1];
    index += place * stride;
    stride *= size;
  }
  return index;
}

function attribute(element: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(element)?.[1];
}

/** RGBA in a signed 32-bit number. */
function colourOf(value: string | undefined): readonly [number, number, number] | null {
  if (value === undefined || !Number.isFinite(Number(value))) return null;
  const rgba = Number(value) >>> 0;
  return [rgba >>> 24, (rgba >>> 16) & 255, (rgba >>> 8) & 255];
}

function lengthOf(pixels: string, name: string): number | null {
  const value = Number(attribute(pixels, name));
  const unit = microns[attribute(pixels, `${name}Unit`) ?? 'µm'];
  return value > 0 && unit !== undefined ? value * unit : null;
}
