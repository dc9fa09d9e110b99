import { VerisimError } from '../../../../preload/errors.ts';
import { type Picture, type Slide, type SlideFormat, withDownsamples } from '../slide.ts';
import { createTileCache } from '../tile-cache.ts';
import { type Channel, defaultColour, findWindow, readColourTile } from './channels.ts';
import { compressionName } from './compression.ts';
import {
  type Directory,
  bytesOf,
  invalid,
  number,
  openTiff,
  readDirectories,
  readSubDirectories,
  tag,
  text,
  type TiffFile,
} from './directory.ts';
import { checkImage, describeImage, type TiffImage } from './image.ts';
import { describeNdpiImage } from './ndpi.ts';
import { planeIndex, readOme, type OmeImage } from './ome.ts';
import { aperioFacts, resolutionOf, syntheticMark } from './metadata.ts';

const cacheBytes = 96 * 2 ** 20;

interface Layout {
  format: SlideFormat;
  channels: Channel[];
  associated: { name: string; image: TiffImage }[];
  warnings: string[];
  facts: Pick<Slide, 'micronsPerPixel' | 'magnification' | 'properties'>;
}

/**
 * Aperio SVS, Hamamatsu NDPI, OME-TIFF, and any TIFF or BigTIFF with its resolutions in directories or sub-directories. Only directories are
 * read. Throws FileNotReadable, SlideInvalid, UnsupportedCompression, UnsupportedPixelData, TooLarge.
 */
export async function openTiffSlide(path: string): Promise<Slide> {
  const file = await openTiff(path);
  try {
    const directories = await readDirectories(file);
    const [first] = directories;
    if (first === undefined) throw invalid(path, 'an image', 'none');
    const description = await text(file, first, tag.imageDescription);
    const ome = readOme(description);
    const layout = file.isNdpi
      ? await ndpiLayout(file, directories)
      : ome === null
        ? await plainLayout(file, directories, description)
        : await omeLayout(file, directories, ome);
    const [image] = layout.channels;
    if (image === undefined) throw invalid(path, 'an image', 'none');
    for (const { levels } of layout.channels) for (const level of levels) checkImage(file, level);
    for (const channel of layout.channels) {
      const smallest = channel.levels.at(-1);
      if (smallest !== undefined && smallest.samples === 1) channel.window = await findWindow(file, smallest);
    }
    return makeSlide(file, layout, { first, description });
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function makeSlide(
  file: TiffFile,
  { format, channels, associated, warnings, facts }: Layout,
  { first, description }: { first: Directory; description: string },
): Promise<Slide> {
  const cache = createTileCache(cacheBytes);
  const levels = channels[0]?.levels ?? [];
  const software = await text(file, first, tag.software);
  return {
    path: file.path,
    format,
    ...facts,
    levels: withDownsamples(
      levels.map(({ width, height, tileWidth, tileHeight }) => ({ width, height, tileWidth, tileHeight })),
    ),
    compression: compressionName(levels[0]?.compression ?? 1),
    associated: associated.map(({ name, image }) => ({ name, width: image.width, height: image.height })),
    icc: await bytesOf(file, first, tag.iccProfile),
    synthetic: syntheticMark(description),
    properties: { ...facts.properties, ...(software === '' ? {} : { software }) },
    warnings,
    readTile: (level, column, row) =>
      cache.get(`${level}/${column}_${row}`, () => readColourTile(file, channels, { level, column, row })),
    readAssociated: async (name) => {
      const found = associated.find((one) => one.name === name);
      if (found === undefined) throw noPicture(file.path, name);
      return readWhole(file, found.image);
    },
    close: () => file.close(),
  };
}

/** Aperio and every other TIFF that is not OME. */
async function plainLayout(file: TiffFile, directories: Directory[], description: string): Promise<Layout> {
  const [first] = directories;
  if (first === undefined) throw invalid(file.path, 'an image', 'none');
  const isAperio = description.startsWith('Aperio');
  const main = await describeImage(file, first);
  const levels = [main];
  const associated: Layout['associated'] = [];
  const warnings: string[] = [];
  const subs = await readSubDirectories(file, first);
  for (const directory of [...subs, ...directories.slice(1)]) {
    try {
      const image = await describeImage(file, directory);
      const last = levels.at(-1) ?? main;
      const isLevel = isAperio ? image.isTiled : main.isTiled === image.isTiled && isSmallerCopy(image, last);
      if (isLevel) levels.push(image);
      else associated.push({ name: await nameOf(file, directory, isAperio), image });
    } catch (error) {
      if (!(error instanceof VerisimError)) throw error;
      warnings.push(`The image at byte ${directory.offset} of the file was left out: ${error.message}`);
    }
  }
  levels.sort((a, b) => b.width - a.width);
  const facts = isAperio
    ? aperioFacts(description)
    : { micronsPerPixel: resolutionOf(main), magnification: null, properties: propertiesOf(description) };
  const channel: Channel = { levels, window: null, colour: [255, 255, 255] };
  return { format: isAperio ? 'aperio' : 'tiff', channels: [channel], associated, warnings, facts };
}

/** Smaller, and of the same shape within two pixels of the smaller one. */
function isSmallerCopy(image: TiffImage, of: TiffImage): boolean {
  if (image.width >= of.width || image.samples !== of.samples) return false;
  return Math.abs(image.height - (of.height * image.width) / of.width) <= 2;
}

async function nameOf(file: TiffFile, directory: Directory, isAperio: boolean): Promise<string> {
  if (isAperio && directory.index === 1) return 'thumbnail';
  const description = await text(file, directory, tag.imageDescription);
  const word = isAperio ? /\n\s*(\w+)/.exec(description)?.[1] : /\b(label|macro|thumbnail)\b/i.exec(description)?.[1];
  return word?.toLowerCase() ?? `image ${directory.index}`;
}

async function omeLayout(file: TiffFile, directories: Directory[], ome: OmeImage): Promise<Layout> {
  const channels: Channel[] = [];
  const warnings: string[] = [];
  const z = Math.floor(ome.sizeZ / 2);
  if (ome.sizeZ > 1) warnings.push(`Plane ${z + 1} of ${ome.sizeZ} is shown.`);
  if (ome.sizeT > 1) warnings.push(`Time point 1 of ${ome.sizeT} is shown.`);
  for (const [c, { rgb }] of ome.channels.entries()) {
    const directory = directories[planeIndex(ome, { c, z, t: 0 })];
    if (directory === undefined)
      throw invalid(file.path, `a plane of channel ${c + 1}`, `${directories.length} planes`);
    const subs = await readSubDirectories(file, directory);
    const levels: TiffImage[] = [];
    for (const one of [directory, ...subs]) levels.push(await describeImage(file, one));
    levels.sort((a, b) => b.width - a.width);
    channels.push({ levels, window: null, colour: rgb ?? defaultColour(c, ome.channels.length) });
  }
  const fewest = Math.min(...channels.map(({ levels }) => levels.length));
  for (const channel of channels) channel.levels.length = fewest;
  const { micronsPerPixel, magnification } = ome;
  return {
    format: 'ome-tiff',
    channels,
    associated: [],
    warnings,
    facts: { micronsPerPixel, magnification, properties: {} },
  };
}

/** Resolutions by the lens they were taken with, which is −1 for the whole glass. */
async function ndpiLayout(file: TiffFile, directories: Directory[]): Promise<Layout> {
  const levels: TiffImage[] = [];
  const associated: Layout['associated'] = [];
  const warnings: string[] = [];
  let otherPlanes = 0;
  let magnification = 0;
  for (const directory of directories) {
    const lens = await number(file, directory, tag.ndpiLens, 0);
    const isInFocus = (await number(file, directory, tag.ndpiFocalPlane, 0)) === 0;
    if (lens > 0 && !isInFocus) otherPlanes++;
    if (lens === -1) associated.push({ name: 'macro', image: await describeNdpiImage(file, directory) });
    if (lens <= 0 || !isInFocus) continue;
    levels.push(await describeNdpiImage(file, directory));
    magnification = Math.max(magnification, lens);
  }
  const [main] = levels.sort((a, b) => b.width - a.width);
  if (main === undefined) throw invalid(file.path, 'an image in focus', 'none');
  if (otherPlanes > 0) warnings.push('Only the plane in focus is shown.');
  const channel: Channel = { levels, window: null, colour: [255, 255, 255] };
  const facts = { micronsPerPixel: resolutionOf(main), magnification, properties: {} };
  return { format: 'hamamatsu', channels: [channel], associated, warnings, facts };
}

/** A small picture, put together from its tiles or strips. */
async function readWhole(file: TiffFile, image: TiffImage): Promise<Picture> {
  checkImage(file, image);
  const { width, height, tileWidth, tileHeight } = image;
  if (width * height > 1 << 27) throw invalid(file.path, 'a small picture beside the slide', `${width} × ${height}`);
  const channel: Channel = {
    levels: [image],
    window: image.samples === 1 ? await findWindow(file, image) : null,
    colour: [255, 255, 255],
  };
  const rgb = new Uint8Array(width * height * 3);
  for (let row = 0; row * tileHeight < height; row++) {
    for (let column = 0; column * tileWidth < width; column++) {
      const tile = await readColourTile(file, [channel], { level: 0, column, row });
      const columns = Math.min(tileWidth, width - column * tileWidth);
      for (let line = 0; line < tileHeight && row * tileHeight + line < height; line++) {
        const at = ((row * tileHeight + line) * width + column * tileWidth) * 3;
        rgb.set(tile.subarray(line * tileWidth * 3, (line * tileWidth + columns) * 3), at);
      }
    }
  }
  return { width, height, rgb };
}

function propertiesOf(description: string): Record<string, string> {
  return description === '' ? {} : { description: description.slice(0, 2000) };
}

function noPicture(path: string, name: string): VerisimError {
  return new VerisimError('UnknownImage', `"${path}" has no picture ${name}.`, { path, found: name });
}
